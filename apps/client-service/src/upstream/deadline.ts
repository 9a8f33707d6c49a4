import { EventEmitter } from 'node:events';

/**
 * Ends a call when its time is over; `undici` takes it as a signal. `AbortSignal.timeout` costs a third of the call, and what it holds stays until the
 * time is over though the answer has been there for long.
 */
export class Deadline extends EventEmitter implements Disposable {
  /** What the call fails with, once it is over. */
  reason: Error | undefined;
  readonly #timer: NodeJS.Timeout;

  constructor(ms: number) {
    super();
    this.#timer = setTimeout(() => {
      this.reason = new DOMException(`There was no answer within ${Math.round(ms)} ms.`, 'TimeoutError');
      this.emit('abort');
    }, ms);
  }

  get aborted(): boolean {
    return this.reason !== undefined;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
