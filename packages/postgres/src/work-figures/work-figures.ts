import type { Pool } from '../pool.ts';
import { rowsOf } from '../rows-of.ts';
import { type FiguresOptions, figuresPool } from './figures-pool.ts';

/** What waits in command_db. Counting stops at a bound, so that asking does not cost more the more there is. */
export interface WaitingWork {
  readonly sagas: readonly { readonly name: string; readonly open: number; readonly stuck: number }[];
  readonly outgoing: { readonly waiting: number; readonly oldestSeconds: number; readonly parked: number };
  /** `overdueSeconds`: for how long the first has been due; 0 if none is. */
  readonly timers: readonly {
    readonly name: string;
    readonly waiting: number;
    readonly overdue: number;
    readonly overdueSeconds: number;
  }[];
  readonly consumers: readonly { readonly name: string; readonly waiting: number; readonly queued: number; readonly dead: number }[];
  readonly failedJobs: number;
}

/** Where something that follows the log is. */
export interface FollowerPosition {
  readonly kind: 'processManager' | 'consumer';
  readonly name: string;
  readonly position: number;
}

/** Figures of process managers, their outbox and timers, of outside consumers, and of jobs. Its methods throw `DatabaseUnavailable`. */
export class WorkFigures implements AsyncDisposable {
  readonly #pool: Pool;

  /** `url` is of command_db. */
  constructor(options: FiguresOptions) {
    this.#pool = figuresPool(options);
  }

  async waiting(processManagers: readonly string[]): Promise<WaitingWork> {
    const sagas = await rowsOf<WaitingWork['sagas'][number]>(this.#pool, 'work_figures/count_instances', [processManagers]);
    const [outgoing] = await rowsOf<WaitingWork['outgoing']>(this.#pool, 'work_figures/count_outgoing');
    const timers = await rowsOf<WaitingWork['timers'][number]>(this.#pool, 'work_figures/count_timers', [processManagers]);
    const consumers = await rowsOf<WaitingWork['consumers'][number]>(this.#pool, 'work_figures/count_messages');
    const [failed] = await rowsOf<{ readonly jobs: number }>(this.#pool, 'work_figures/count_failed_jobs');
    return {
      sagas,
      outgoing: outgoing ?? { waiting: 0, oldestSeconds: 0, parked: 0 },
      timers,
      consumers,
      failedJobs: failed?.jobs ?? 0,
    };
  }

  /** Of process managers that have been registered, and of consumers that are not paused. */
  positions(processManagers: readonly string[]): Promise<readonly FollowerPosition[]> {
    return rowsOf<FollowerPosition>(this.#pool, 'work_figures/read_positions', [processManagers]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.end();
  }
}
