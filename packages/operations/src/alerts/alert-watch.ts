import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceAddress } from '../processes/ask-processes.ts';
import { AlertEvaluation } from './alert-evaluation.ts';
import type { AlertReport } from './alert-report.ts';
import { askAll, lookNow } from './ask-all.ts';

export interface AlertWatchOptions {
  readonly services: readonly ServiceAddress[];
  /** Seconds from one look to the next. Default 15, as Prometheus is told. */
  readonly everySeconds?: number;
  /** For the answer of a service, milliseconds. Default 5,000, or until the next look. */
  readonly timeoutMs?: number;
  /** Is told of a look that could not be judged; the next is tried. Default: nobody is. */
  readonly onFault?: (error: unknown) => void;
}

/**
 * Asks services for their metrics at regular times, and works out the alert rules. What it has seen is kept in memory: whoever asks sees the same, and
 * a process that starts anew begins anew. Times are on a clock that only goes forward, whatever happens to the one on the wall.
 */
export class AlertWatch implements AsyncDisposable {
  readonly #options: Required<AlertWatchOptions>;
  readonly #evaluation = new AlertEvaluation();
  readonly #stopped = new AbortController();
  readonly #seenOnce: Promise<void>;
  #seen: () => void = () => undefined;
  #watching: Promise<void> | undefined;

  constructor({
    services,
    everySeconds = 15,
    timeoutMs = Math.min(5, everySeconds) * 1_000,
    onFault = () => undefined,
  }: AlertWatchOptions) {
    this.#options = { services, everySeconds, timeoutMs, onFault };
    this.#seenOnce = new Promise((resolve) => {
      this.#seen = resolve;
    });
  }

  start(): void {
    this.#watching ??= this.#watch();
  }

  /** What is wrong, as of the last look; waits for the first. */
  async report(): Promise<AlertReport> {
    await this.#seenOnce;
    return this.#evaluation.report();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#watching;
    this.#seen();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #watch(): Promise<void> {
    const { services, everySeconds, timeoutMs, onFault } = this.#options;
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      const look = lookNow();
      const answers = await askAll(services, { timeoutMs, signal });
      if (signal.aborted) return;
      try {
        this.#evaluation.observe(look, answers);
        this.#seen();
      } catch (error) {
        onFault(error);
      }
      const left = everySeconds - (performance.now() / 1_000 - look.at);
      await sleep(Math.max(left, 0) * 1_000, undefined, { signal }).catch(() => undefined);
    }
  }
}
