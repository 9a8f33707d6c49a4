import { EventEmitter } from 'node:events';

/**
 * Ends one call when its time is over, or with a signal that others share; `undici` takes it for a signal. Dispose of it when the answer is there.
 * `AbortSignal.timeout` costs a third of a call between services, and what it holds stays until the time is over.
 */
export class Deadline extends EventEmitter implements Disposable {
  #reason: unknown;
  #aborted = false;
  readonly #timer: NodeJS.Timeout;
  readonly #signal: AbortSignal | undefined;
  readonly #follow = () => this.#abort(this.#signal?.reason);

  constructor(ms: number, signal?: AbortSignal) {
    super();
    this.#signal = signal;
    this.#timer = setTimeout(() => this.#abort(new DOMException(`There was no answer within ${Math.round(ms)} ms.`, 'TimeoutError')), ms);
    signal?.addEventListener('abort', this.#follow, { once: true });
    if (signal?.aborted) this.#follow();
  }

  get aborted(): boolean {
    return this.#aborted;
  }

  /** What the call fails with, once it is over. */
  get reason(): unknown {
    return this.#reason;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#follow);
  }

  #abort(reason: unknown): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason;
    this[Symbol.dispose]();
    this.emit('abort');
  }
}
