import { countPartitionsAhead } from '../partitions/read-partition-state.ts';
import type { Pool } from '../pool.ts';
import { rowsOf } from '../rows-of.ts';
import { type FiguresOptions, figuresPool } from './figures-pool.ts';

/** How far something that follows the log is behind it. */
interface FollowerLag {
  readonly events: number;
  /** Age of the first event that it has not looked at, by the clock of the log. */
  readonly seconds: number;
}

/** Figures of the log for who watches it. Its methods throw `DatabaseUnavailable`. */
export class LogFigures implements AsyncDisposable {
  readonly #pool: Pool;

  /** `url` is of event_store. */
  constructor(options: FiguresOptions) {
    this.#pool = figuresPool(options);
  }

  /** Position of the last event, 0 if there is none. */
  async position(): Promise<number> {
    const [head] = await rowsOf<{ position: number }>(this.#pool, 'read/read_head');
    return head?.position ?? 0;
  }

  /** How many whole partitions of events are ready after the one that is being filled. */
  partitionsAhead(): Promise<number> {
    return countPartitionsAhead(this.#pool);
  }

  /** How far positions are behind, in their order. */
  async lags(positions: readonly number[]): Promise<readonly FollowerLag[]> {
    const rows = await rowsOf<FollowerLag & { position: number }>(this.#pool, 'background_work/read_lags', [positions]);
    const lags = new Map(rows.map(({ position, events, seconds }) => [position, { events, seconds }]));
    return positions.map((position) => lags.get(position) ?? { events: 0, seconds: 0 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.end();
  }
}
