import { type LogPosition, laterPosition } from '@kiroku/core';

/** Tells one consumer that it should look again, and from which position on. Several changes in quick succession are told once. */
export class ChangeSignal implements AsyncIterableIterator<LogPosition, undefined> {
  #raised: LogPosition | undefined;
  #closed = false;
  #wake: (() => void) | undefined;
  readonly #onClose: (() => void) | undefined;

  /** `first` is told at once; `onClose` is called when nothing is told any more, whoever has closed it. */
  constructor(first: LogPosition, onClose?: () => void) {
    this.#raised = first;
    this.#onClose = onClose;
  }

  raise(position: LogPosition): void {
    this.#raised = this.#raised === undefined ? position : laterPosition(this.#raised, position);
    this.#wake?.();
  }

  close(): void {
    this.#closed = true;
    this.#wake?.();
    this.#onClose?.();
  }

  async next(): Promise<IteratorResult<LogPosition, undefined>> {
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

  async return(): Promise<IteratorResult<LogPosition, undefined>> {
    this.close();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
