import type { ProcessManagerStore } from '@kiroku/core';
import { pause } from '../backoff/pause.ts';

export interface InstancePruningOptions {
  readonly store: Pick<ProcessManagerStore, 'prune'>;
  /** Days for which the commands and history of an instance that is done are kept. Default 30. */
  readonly keepDays?: number;
  /** Instances pruned in one transaction. Default 500. */
  readonly batchSize?: number;
  /** Milliseconds between rounds. Default 10 minutes. */
  readonly everyMs?: number;
  /** Told of every fault, e.g. to log it; the next round tries again. */
  readonly onFault?: (error: unknown) => void;
}

/** Removes, round by round, what process managers' instances leave behind that have been done for long. Several may run side by side. */
export class InstancePruning implements AsyncDisposable {
  readonly #options: InstancePruningOptions;
  #stopping = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: InstancePruningOptions) {
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
    const { store, keepDays = 30, batchSize = 500, everyMs = 600_000, onFault } = this.#options;
    while (!signal.aborted) {
      const pruned = await store.prune({ doneForDays: keepDays, limit: batchSize }).catch((error: unknown) => {
        onFault?.(error);
        return 0;
      });
      await pause(pruned < batchSize ? everyMs : 100, signal); // a backlog is removed without getting in the way
    }
  }
}
