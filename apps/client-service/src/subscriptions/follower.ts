import { isDeepStrictEqual } from 'node:util';

/**
 * Who follows a row: told every value, and gives its consumer the latest of them if it differs from the one before. `return` takes effect at once,
 * also while it waits for the next value (an async generator's waits for the pending `next`, so a closed socket would leave it behind).
 */
export class Follower<T> implements AsyncIterableIterator<T, undefined> {
  readonly #leave: () => void;
  #told: { readonly value: T } | undefined;
  #given: { readonly value: T } | undefined;
  #end: { readonly error?: unknown } | undefined;
  #wake: (() => void) | undefined;

  /** `leave` is called when its consumer wants no more. */
  constructor(leave: () => void) {
    this.#leave = leave;
  }

  tell(value: T): void {
    this.#told = { value };
    this.#wake?.();
  }

  /** There will be no more, because of the error if there is one. */
  end(because: { readonly error?: unknown } = {}): void {
    this.#end ??= because;
    this.#wake?.();
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    for (;;) {
      if (this.#end !== undefined) return this.#ended(this.#end);
      const told = this.#told;
      this.#told = undefined;
      if (told === undefined)
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      else if (this.#given === undefined || !isDeepStrictEqual(this.#given.value, told.value)) {
        this.#given = told;
        return { done: false, value: told.value };
      }
    }
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.end();
    this.#leave();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #ended(because: { readonly error?: unknown }): IteratorResult<T, undefined> {
    if ('error' in because) throw because.error;
    return { done: true, value: undefined };
  }
}
