import type { DatabaseName } from '../migrate/database-name.ts';
import type { Pool } from '../pool.ts';
import { rowsOf } from '../rows-of.ts';
import { figuresPool } from '../work-figures/figures-pool.ts';
import { type ArchiveState, archiveState } from './archive-state.ts';

export interface SafetyFiguresOptions {
  readonly urls: { readonly [database in DatabaseName]: string };
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
}

/** Of backups, or of drills. */
export interface SafetyAge {
  readonly kind: 'backup' | 'drill';
  /** Age of the latest that went well; `null`: none did. */
  readonly goodSeconds: number | null;
  readonly lastWentWell: boolean;
  /** As the latest good drill measured it. */
  readonly rtoSeconds: number | null;
  readonly rpoSeconds: number | null;
}

/** How safe what is stored is, for who watches it. Its methods throw `DatabaseUnavailable`. */
export class SafetyFigures implements AsyncDisposable {
  readonly #pools: { readonly [database in DatabaseName]: Pool };

  constructor({ urls, applicationName }: SafetyFiguresOptions) {
    const pool = (database: DatabaseName): Pool => figuresPool({ url: urls[database], applicationName });
    this.#pools = { event_store: pool('event_store'), command_db: pool('command_db'), query_db: pool('query_db') };
  }

  /** Of what there ever was a report. */
  ages(): Promise<readonly SafetyAge[]> {
    return rowsOf<SafetyAge>(this.#pools.command_db, 'safety/latest_ages');
  }

  /** For how long there have been events, in seconds; 0 if there are none. */
  async loggingForSeconds(): Promise<number> {
    const [first] = await rowsOf<{ seconds: number }>(this.#pools.event_store, 'safety/first_event_age');
    return first?.seconds ?? 0;
  }

  /** The archives of the servers that have one. A server with several databases is told once, by the first of them. */
  async archives(): Promise<readonly (ArchiveState & { readonly database: string })[]> {
    const byServer = new Map<string, ArchiveState & { readonly database: string }>();
    for (const [database, pool] of Object.entries(this.#pools)) {
      const { server, state } = await archiveState(pool);
      if (state !== undefined && !byServer.has(server)) byServer.set(server, { ...state, database });
    }
    return [...byServer.values()];
  }

  /** How many followers of the log are of another history. */
  async otherHistories(): Promise<{ readonly processManagers: number; readonly consumers: number; readonly readModels: number }> {
    const [log] = await rowsOf<{ id: string; timeline: number }>(this.#pools.event_store, 'read/read_identity');
    const values = [log?.id, log?.timeline];
    const [work] = await rowsOf<{ processManagers: number; consumers: number }>(
      this.#pools.command_db,
      'safety/count_other_process_histories',
      values,
    );
    const [rows] = await rowsOf<{ readModels: number }>(this.#pools.query_db, 'safety/count_other_read_models', values);
    return { processManagers: work?.processManagers ?? 0, consumers: work?.consumers ?? 0, readModels: rows?.readModels ?? 0 };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(Object.values(this.#pools).map((pool) => pool.end()));
  }
}
