import { KirokuError } from '@kiroku/core';
import type { DatabaseName } from '../migrate/database-name.ts';
import { createPool, type Pool } from '../pool.ts';
import { rowsOf } from '../rows-of.ts';

export interface DatabaseProbeOptions {
  readonly database: DatabaseName;
  readonly url: string;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /** For connecting and for the answer, milliseconds. Default 2,000. */
  readonly timeoutMs?: number;
}

/** Sees whether a database can be used, over one connection of its own: a busy pool does not look like a dead server. Connects when first used. */
export class DatabaseProbe {
  readonly #database: DatabaseName;
  readonly #pool: Pool;

  constructor({ database, url, applicationName, timeoutMs = 2_000 }: DatabaseProbeOptions) {
    this.#database = database;
    this.#pool = createPool({ url, applicationName, max: 1, connectTimeoutMs: timeoutMs, answerTimeoutMs: timeoutMs });
  }

  /** Throws `DatabaseUnavailable` with the reason if it does not answer, is being migrated, or cannot be written to. */
  async requireUsable(): Promise<void> {
    const [found] = await rowsOf<{ migrating: boolean; readOnly: boolean }>(this.#pool, 'probe/probe_database');
    if (found?.migrating === true)
      throw new KirokuError('DatabaseUnavailable', `${this.#database} is being migrated; it goes on by itself.`);
    if (found?.readOnly === true) {
      throw new KirokuError(
        'DatabaseUnavailable',
        `${this.#database} is a standby, which nothing can be written to. Point its URL at the primary.`,
      );
    }
  }

  stop(): Promise<void> {
    return this.#pool.end();
  }
}
