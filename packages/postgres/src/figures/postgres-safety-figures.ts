import type { ArchiveFigures, SafetyAge, SafetyFigures } from '@kiroku/core';
import type { DatabaseName } from '../migrate/database-name.ts';
import type { Pool } from '../pool.ts';
import { rowsOf } from '../rows-of.ts';
import { archiveState } from '../safety/archive-state.ts';

export class PostgresSafetyFigures implements SafetyFigures {
  readonly #pools: { readonly [database in DatabaseName]: Pool };

  constructor(pools: { readonly [database in DatabaseName]: Pool }) {
    this.#pools = pools;
  }

  ages(): Promise<readonly SafetyAge[]> {
    return rowsOf<SafetyAge>(this.#pools.command_db, 'safety/latest_ages');
  }

  async loggingForSeconds(): Promise<number> {
    const [first] = await rowsOf<{ seconds: number }>(this.#pools.event_store, 'safety/first_event_age');
    return first?.seconds ?? 0;
  }

  async archives(): Promise<readonly ArchiveFigures[]> {
    const byServer = new Map<string, ArchiveFigures>();
    for (const [database, pool] of Object.entries(this.#pools)) {
      const { server, state } = await archiveState(pool);
      if (state !== undefined && !byServer.has(server))
        byServer.set(server, { database, failing: state.failing, lagSeconds: state.lagSeconds });
    }
    return [...byServer.values()];
  }

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
}
