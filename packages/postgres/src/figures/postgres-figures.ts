import type { StoredFigures } from '@kiroku/core';
import type { DatabaseName } from '../migrate/database-name.ts';
import { createPool, type Pool } from '../pool.ts';
import { PostgresLogFigures } from './postgres-log-figures.ts';
import { PostgresReadModelFigures } from './postgres-read-model-figures.ts';
import { PostgresSafetyFigures } from './postgres-safety-figures.ts';
import { PostgresWorkFigures } from './postgres-work-figures.ts';

export interface PostgresFiguresOptions {
  readonly urls: { readonly [database in DatabaseName]: string };
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
}

/** For connecting and for each answer. */
const timeoutMs = 1_000;

/** One connection of their own to each database that is asked about: a busy pool neither delays nor distorts what is said about it. */
export class PostgresFigures implements StoredFigures, AsyncDisposable {
  readonly log: PostgresLogFigures;
  readonly work: PostgresWorkFigures;
  readonly readModels: PostgresReadModelFigures;
  readonly safety: PostgresSafetyFigures;
  readonly #pools: { readonly [database in DatabaseName]: Pool };

  constructor({ urls, applicationName }: PostgresFiguresOptions) {
    const pool = (url: string): Pool =>
      createPool({ url, applicationName, max: 1, connectTimeoutMs: timeoutMs, answerTimeoutMs: timeoutMs });
    this.#pools = { event_store: pool(urls.event_store), command_db: pool(urls.command_db), query_db: pool(urls.query_db) };
    this.log = new PostgresLogFigures(this.#pools.event_store);
    this.work = new PostgresWorkFigures(this.#pools.command_db);
    this.readModels = new PostgresReadModelFigures(this.#pools.query_db);
    this.safety = new PostgresSafetyFigures(this.#pools);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(Object.values(this.#pools).map((pool) => pool.end()));
  }
}
