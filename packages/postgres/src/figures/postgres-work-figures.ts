import type { FollowerPosition, WaitingWork, WorkFigures } from '@kiroku/core';
import type { Pool } from '../pool.ts';
import { rowsOf } from '../rows-of.ts';

export class PostgresWorkFigures implements WorkFigures {
  readonly #pool: Pool;

  /** `pool` is of command_db. */
  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async waiting(processManagers: readonly string[]): Promise<WaitingWork> {
    const sagas = await rowsOf<WaitingWork['sagas'][number]>(this.#pool, 'figures/count_instances', [processManagers]);
    const [outgoing] = await rowsOf<WaitingWork['outgoing']>(this.#pool, 'figures/count_outgoing');
    const timers = await rowsOf<WaitingWork['timers'][number]>(this.#pool, 'figures/count_timers', [processManagers]);
    const consumers = await rowsOf<WaitingWork['consumers'][number]>(this.#pool, 'figures/count_messages');
    const [failed] = await rowsOf<{ readonly jobs: number }>(this.#pool, 'figures/count_failed_jobs');
    return {
      sagas,
      outgoing: outgoing ?? { waiting: 0, oldestSeconds: 0, parked: 0 },
      timers,
      consumers,
      failedJobs: failed?.jobs ?? 0,
    };
  }

  positions(processManagers: readonly string[]): Promise<readonly FollowerPosition[]> {
    return rowsOf<FollowerPosition>(this.#pool, 'figures/read_positions', [processManagers]);
  }
}
