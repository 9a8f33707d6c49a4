import type { ProcessManager, ProcessManagerStore } from '@kiroku/core';
import { pause } from '../backoff/pause.ts';
import { reactToTimers } from './react-to-timers.ts';

export interface TimerRunnerOptions {
  readonly store: ProcessManagerStore;
  readonly processManagers: readonly ProcessManager[];
  /** Milliseconds between looks for timers that another process may have set; a look is one index probe. Default 500. */
  readonly pollMs?: number;
  /** Timers fired in one transaction. Default 2,000. */
  readonly batchSize?: number;
  /** Transactions at the same time while more are due than go into one. Default 3. */
  readonly concurrency?: number;
  /** Called after timers have fired, e.g. to wake a `CommandDelivery`. */
  readonly onFire?: () => void;
  /** Told of every fault, e.g. to log it. */
  readonly onFault?: (error: unknown, processManager: string) => void;
}

/** Fires process managers' timers: late rather than never, each once. Several may run side by side. */
export class TimerRunner implements AsyncDisposable {
  readonly #options: TimerRunnerOptions;
  #stopping = new AbortController();
  #running: Promise<unknown> | undefined;

  constructor(options: TimerRunnerOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#running !== undefined) return;
    this.#stopping = new AbortController();
    const { signal } = this.#stopping;
    this.#running = Promise.all(this.#options.processManagers.map((processManager) => this.#run(processManager, signal)));
  }

  /** Stops after the batches in hand. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    this.#running = undefined;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #run(processManager: ProcessManager, signal: AbortSignal): Promise<void> {
    const { pollMs = 500 } = this.#options;
    while (!signal.aborted) {
      const waitMs = await this.#fire(processManager).catch((error: unknown) => this.#failed(error, processManager));
      if (waitMs > 0) await pause(Math.min(waitMs, pollMs), signal);
    }
  }

  /** Returns how long to wait before the next look: after some there may be more; without any, what is due is in other hands for a moment. */
  async #fire(processManager: ProcessManager): Promise<number> {
    const { batchSize = 2_000, pollMs = 500, concurrency = 3 } = this.#options;
    const { fired, nextInMs = pollMs } = await this.#fireSome(processManager);
    if (fired === 0) return Math.max(nextInMs, 20);
    if (fired >= batchSize) {
      const shares = Array.from({ length: concurrency }, (_, part) => ({ part, parts: concurrency }));
      const waits = shares.map((share) =>
        this.#fireAll(processManager, share).catch((error: unknown) => this.#failed(error, processManager)),
      );
      return Math.max(...(await Promise.all(waits)));
    }
    return 0;
  }

  /** Returns how long to wait before the next try. */
  #failed(error: unknown, { name }: ProcessManager): number {
    const { pollMs = 500, onFault } = this.#options;
    onFault?.(error, name);
    return pollMs;
  }

  /** Returns how long to wait before the next look. */
  async #fireAll(processManager: ProcessManager, share: Share): Promise<number> {
    const { batchSize = 2_000 } = this.#options;
    let fired = batchSize;
    while (fired >= batchSize && !this.#stopping.signal.aborted) ({ fired } = await this.#fireSome(processManager, share));
    return 0;
  }

  async #fireSome(processManager: ProcessManager, share?: Share): ReturnType<ProcessManagerStore['fire']> {
    const { store, batchSize = 2_000, onFire } = this.#options;
    const looked = await store.fire({
      processManager: processManager.name,
      limit: batchSize,
      react: (timers, instances) => reactToTimers(processManager, timers, instances),
      ...(share && { share }),
    });
    if (looked.fired > 0) onFire?.();
    return looked;
  }
}

type Share = NonNullable<Parameters<ProcessManagerStore['fire']>[0]['share']>;
