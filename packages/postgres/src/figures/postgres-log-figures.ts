import type { FollowerLag, LogFigures } from '@kiroku/core';
import { countPartitionsAhead } from '../partitions/read-partition-state.ts';
import type { Pool } from '../pool.ts';
import { rowsOf } from '../rows-of.ts';

export class PostgresLogFigures implements LogFigures {
  readonly #pool: Pool;

  /** `pool` is of event_store. */
  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async position(): Promise<number> {
    const [head] = await rowsOf<{ position: number }>(this.#pool, 'read/read_head');
    return head?.position ?? 0;
  }

  partitionsAhead(): Promise<number> {
    return countPartitionsAhead(this.#pool);
  }

  async lags(positions: readonly number[]): Promise<readonly FollowerLag[]> {
    const rows = await rowsOf<FollowerLag & { position: number }>(this.#pool, 'background_work/read_lags', [positions]);
    const lags = new Map(rows.map(({ position, events, seconds }) => [position, { events, seconds }]));
    return positions.map((position) => lags.get(position) ?? { events: 0, seconds: 0 });
  }
}
