import { requireReady } from './require-ready.ts';

export interface QueryInstancesOptions {
  /** Base URL of each. */
  readonly urls: readonly string[];
  /** Milliseconds after which one that was passed over is asked again whether it is ready. Default 500. */
  readonly askAgainMs?: number;
}

const readyTimeoutMs = 2_000;

/** The instances of the query service. Calls take turns; an instance that failed comes last until it says that it is ready. */
export class QueryInstances {
  readonly urls: readonly string[];
  readonly #askAgainMs: number;
  /** Those that failed, and when to ask them. */
  readonly #failed = new Map<string, number>();
  #turn = 0;

  constructor({ urls, askAgainMs = 500 }: QueryInstancesOptions) {
    this.urls = urls;
    this.#askAgainMs = askAgainMs;
  }

  /** All instances, in the order in which to try them for one call. */
  inTurn(): readonly string[] {
    this.#askFailed();
    const first = this.#turn++ % this.urls.length;
    const order = [...this.urls.slice(first), ...this.urls.slice(0, first)];
    return [...order.filter((url) => !this.#failed.has(url)), ...order.filter((url) => this.#failed.has(url))];
  }

  /** It could not answer: others are asked first. */
  failed(url: string): void {
    if (!this.#failed.has(url)) this.#failed.set(url, performance.now() + this.#askAgainMs);
  }

  /** Throws with every reason unless one of them is ready. */
  async requireOne(signal: AbortSignal): Promise<void> {
    const [only] = this.urls;
    if (this.urls.length === 1 && only !== undefined) return await requireReady(only, signal);
    try {
      await Promise.any(this.urls.map((url) => requireReady(url, signal)));
    } catch (error) {
      const reasons: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
      throw new Error(
        reasons.map((reason, index) => `${this.urls[index]}: ${reason instanceof Error ? reason.message : String(reason)}`).join('; '),
      );
    }
  }

  // in passing, as calls come: without calls nobody needs to know
  #askFailed(): void {
    const now = performance.now();
    for (const [url, askAt] of this.#failed) {
      if (askAt > now) continue;
      this.#failed.set(url, now + this.#askAgainMs);
      requireReady(url, AbortSignal.timeout(readyTimeoutMs)).then(
        () => this.#failed.delete(url),
        () => undefined, // still not
      );
    }
  }
}
