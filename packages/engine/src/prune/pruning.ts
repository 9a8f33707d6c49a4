import { pause } from '../backoff/pause.ts';

export interface PruningOptions {
  /** Removes at most so many; returns how many. */
  readonly prune: (limit: number) => Promise<number>;
  /** Removed in one transaction. Default 500. */
  readonly batchSize?: number;
  /** Milliseconds between rounds. Default 10 minutes. */
  readonly everyMs?: number;
  /** Told of every fault, e.g. to log it; the next round tries again. */
  readonly onFault?: (error: unknown) => void;
}

/** Removes, round by round, what has been kept for long enough. Several may run side by side. */
export class Pruning implements AsyncDisposable {
  readonly #options: PruningOptions;
  #stopping = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: PruningOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#running !== undefined) return;
    this.#stopping = new AbortController();
    this.#running = this.#run(this.#stopping.signal);
  }

  /** Stops after the batch in hand. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    this.#running = undefined;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { prune, batchSize = 500, everyMs = 600_000, onFault } = this.#options;
    while (!signal.aborted) {
      const pruned = await prune(batchSize).catch((error: unknown) => {
        onFault?.(error);
        return 0;
      });
      await pause(pruned < batchSize ? everyMs : 100, signal); // a backlog is removed without getting in the way
    }
  }
}
