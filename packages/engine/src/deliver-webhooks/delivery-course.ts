import { setMaxListeners } from 'node:events';
import { isKirokuError } from '@kiroku/core';
import { pause } from '../backoff/pause.ts';

export interface DeliveryCourseOptions {
  /** Milliseconds that a fault is waited out. */
  readonly pollMs: number;
  /** Told of faults that pass. */
  readonly onFault: (error: unknown) => void;
}

/** The course of one delivery: what is on its way, what it waits for, and why it ends. */
export class DeliveryCourse {
  readonly #options: DeliveryCourseOptions;
  readonly #ending = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  #waiting: (() => void)[] = [];
  #fault: { readonly error: unknown } | undefined;

  constructor(options: DeliveryCourseOptions) {
    this.#options = options;
    setMaxListeners(0, this.#ending.signal); // one for each stream that waits out a fault
  }

  /** Fires when it ends. */
  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  get hasFailed(): boolean {
    return this.#fault !== undefined;
  }

  /** Ends it, without a fault. */
  end(): void {
    this.#ending.abort();
    this.changed();
  }

  /** Ends it; the first fault is why. */
  fail(error: unknown): void {
    this.#fault ??= { error };
    this.end();
  }

  /** Throws why it ended, if it was a fault. */
  requireSound(): void {
    if (this.#fault !== undefined) throw this.#fault.error;
  }

  /** Waits out a fault that passes. Throws the others. */
  async overcome(error: unknown): Promise<void> {
    if (!isKirokuError(error) || !error.retryable || error.code === 'LeaseLost') throw error;
    this.#options.onFault(error);
    await pause(this.#options.pollMs, this.signal);
  }

  /** Lets something go on beside the rest; the course fails if it does. */
  track(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => this.overcome(error))
      .catch((error: unknown) => this.fail(error))
      .finally(() => this.#underWay.delete(tracked));
    this.#underWay.add(tracked);
  }

  /** When nothing is on its way any more. */
  async whenIdle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  /** Something has changed that others may wait for. */
  changed(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Waits until something has changed, or it ends. */
  async nextChange(): Promise<void> {
    if (!this.signal.aborted) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}
