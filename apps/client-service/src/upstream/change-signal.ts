/** Tells one consumer that it should look again, and from which position on. Several changes in quick succession are told once. */
export class ChangeSignal implements AsyncIterableIterator<number, undefined> {
  #raised: number | undefined;
  #closed = false;
  #wake: (() => void) | undefined;

  /** `first` is told at once. */
  constructor(first: number) {
    this.#raised = first;
  }

  raise(position: number): void {
    this.#raised = Math.max(this.#raised ?? 0, position);
    this.#wake?.();
  }

  close(): void {
    this.#closed = true;
    this.#wake?.();
  }

  async next(): Promise<IteratorResult<number, undefined>> {
    while (!this.#closed) {
      const value = this.#raised;
      if (value !== undefined) {
        this.#raised = undefined;
        return { done: false, value };
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<number, undefined>> {
    this.close();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
