import { setTimeout as sleep } from 'node:timers/promises';
import type { OnProgress } from './progress.ts';
import { countEndings, restartDelay } from './restart-delay.ts';

/** Starts a process again whenever it ends by itself, later each time it does so in a row. */
export class KeptRunning {
  readonly #name: string;
  readonly #start: () => Promise<void>;
  readonly #onProgress: OnProgress;
  readonly #signal: AbortSignal;
  readonly #delay: (endings: number) => number;
  readonly #lastWords: () => Promise<readonly string[]>;
  #endings = 0;
  #restarts = 0;
  #run = 0;
  #waiting = new AbortController();

  constructor(options: {
    readonly name: string;
    /** Returns when it runs again and can be used. */
    readonly start: () => Promise<void>;
    readonly onProgress: OnProgress;
    /** No more restarts. */
    readonly signal: AbortSignal;
    /** Milliseconds to wait by the number of endings in a row. Default: `restartDelay`. */
    readonly delay?: (endings: number) => number;
    /** Why it ended, as lines that are told. Must not reject. Default: nothing is. */
    readonly lastWords?: () => Promise<readonly string[]>;
  }) {
    this.#name = options.name;
    this.#start = options.start;
    this.#onProgress = options.onProgress;
    this.#signal = options.signal;
    this.#delay = options.delay ?? restartDelay;
    this.#lastWords = options.lastWords ?? (async () => []);
  }

  get restarts(): number {
    return this.#restarts;
  }

  /** Tells it that the process ended. */
  async ended(reason: string, ranForMs: number): Promise<void> {
    if (this.#signal.aborted) return;
    this.#endings = countEndings(this.#endings, ranForMs);
    const delay = this.#delay(this.#endings);
    const when = delay < 1_000 ? 'now' : `in ${Math.round(delay / 1_000)} s`;
    this.#onProgress({ kind: 'notice', text: `${this.#name} ended by itself (${reason}). It is started again ${when}.` });
    this.#waiting = new AbortController();
    const given = AbortSignal.any([this.#signal, this.#waiting.signal]);
    for (const text of await this.#lastWords()) this.#onProgress({ kind: 'log', service: this.#name, text });
    await sleep(delay, undefined, { signal: given }).catch(() => undefined); // stopping, or started meanwhile: checked next
    if (given.aborted) return;
    await this.#startAgain();
  }

  /** Somebody starts it now: it is waited for no longer, and a new count begins. */
  startedOtherwise(): void {
    this.#waiting.abort();
    this.#endings = 0;
    this.#restarts += 1;
    this.#run += 1;
  }

  async #startAgain(): Promise<void> {
    this.#restarts += 1;
    const run = ++this.#run;
    const startedAt = performance.now();
    try {
      await this.#start();
      const current = run === this.#run && !this.#signal.aborted; // it may have ended, and been started, once more while we waited
      if (current) this.#onProgress({ kind: 'notice', text: `${this.#name} is back.` });
    } catch (error) {
      await this.ended(error instanceof Error ? error.message : String(error), performance.now() - startedAt);
    }
  }
}
