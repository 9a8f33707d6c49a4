import type { ReadModelAdvance } from '@kiroku/core';

/** Advances on their way to one consumer. When it falls behind they are merged: it learns how far each projection is, not which rows changed. */
export class AdvanceBuffer implements AsyncIterableIterator<ReadModelAdvance, undefined> {
  readonly #limit: number;
  #waiting: ReadModelAdvance[] = [];
  #wake: (() => void) | undefined;
  #closed = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  push(advance: ReadModelAdvance): void {
    if (this.#closed) return;
    if (this.#waiting.length >= this.#limit) this.#waiting = merge(this.#waiting);
    this.#waiting.push(advance);
    this.#wake?.();
  }

  /** Ends the iteration; what is waiting is dropped. */
  close(): void {
    this.#closed = true;
    this.#waiting = [];
    this.#wake?.();
  }

  async next(): Promise<IteratorResult<ReadModelAdvance, undefined>> {
    while (!this.#closed) {
      const value = this.#waiting.shift();
      if (value !== undefined) return { done: false, value };
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<ReadModelAdvance, undefined>> {
    this.close();
    return { done: true, value: undefined };
  }

  get closed(): boolean {
    return this.#closed;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** One advance per partition, the last, without the rows. */
function merge(advances: readonly ReadModelAdvance[]): ReadModelAdvance[] {
  const last = new Map(advances.map((advance) => [`${advance.projection} ${advance.partition}`, { ...advance, changed: undefined }]));
  return [...last.values()];
}
