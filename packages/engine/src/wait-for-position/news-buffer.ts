import type { ReadModelNews } from '@kiroku/core';

/** News on their way to one consumer. When it falls behind it gets, in place of what is waiting, how things are: which rows changed, it does not learn. */
export class NewsBuffer implements AsyncIterableIterator<ReadModelNews, undefined> {
  readonly #limit: number;
  readonly #summary: () => readonly ReadModelNews[];
  #waiting: ReadModelNews[] = [];
  #wake: (() => void) | undefined;
  #closed = false;

  /** `summary` says how things are; it is the first that the consumer hears. */
  constructor(limit: number, summary: () => readonly ReadModelNews[]) {
    this.#limit = limit;
    this.#summary = summary;
    this.#waiting = [...summary()];
  }

  push(news: ReadModelNews): void {
    if (this.#closed) return;
    if (this.#waiting.length < this.#limit) this.#waiting.push(news);
    else this.#waiting = [...this.#summary()]; // what is pushed is part of it
    this.#wake?.();
  }

  /** Ends the iteration; what is waiting is dropped. */
  close(): void {
    this.#closed = true;
    this.#waiting = [];
    this.#wake?.();
  }

  async next(): Promise<IteratorResult<ReadModelNews, undefined>> {
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

  async return(): Promise<IteratorResult<ReadModelNews, undefined>> {
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
