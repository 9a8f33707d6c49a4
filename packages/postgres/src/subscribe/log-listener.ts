import { setTimeout as delay } from 'node:timers/promises';
import { DedicatedConnection } from '../dedicated-connection.ts';
import type { Pool } from '../pool.ts';
import { backoffMs } from './backoff.ts';

/**
 * Hears of appends by every process, on one connection for all subscriptions of a store. It connects for the first of them and again when
 * the connection is lost; what it misses meanwhile, the subscriptions find by polling.
 */
export class LogListener {
  readonly #connection: DedicatedConnection;
  readonly #stopping = new AbortController();
  readonly #waiting = new Set<() => void>();
  #lost: (() => void) | undefined;
  #listening: Promise<void> | undefined;
  #heard = 0;

  constructor(pool: Pool) {
    this.#connection = new DedicatedConnection(pool);
  }

  /** A count of what was heard; starts listening. Take it before reading, and pass it to `next` if the read found nothing. */
  heard(): number {
    this.#listening ??= this.#listen();
    return this.#heard;
  }

  /** Resolves when something was heard since `heard`, after `timeoutMs`, or when the signal fires. */
  next(heard: number, timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (this.#heard !== heard || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      this.#waiting.add(done);
      signal.addEventListener('abort', done, { once: true });
    });
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#lost?.();
    await this.#listening;
  }

  async #listen(): Promise<void> {
    const { signal } = this.#stopping;
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        await this.#listenUntilLost();
        failures = 0;
      } catch {
        // the subscriptions poll, and report what they meet; here it is enough to try again
      }
      this.#connection.drop();
      if (!signal.aborted) await delay(backoffMs(failures), undefined, { signal }).catch(() => undefined); // ends early when stopping
    }
    await this.#connection.close().catch(() => undefined); // it may be lost already
  }

  async #listenUntilLost(): Promise<void> {
    const lost = new Promise<void>((resolve) => {
      this.#lost = resolve;
    });
    const client = await this.#connection.open(() => this.#lost?.());
    client.on('notification', () => this.#wake());
    await client.query('listen kiroku_log');
    this.#wake(); // something may have been appended while nobody listened
    if (!this.#stopping.signal.aborted) await lost;
  }

  #wake(): void {
    this.#heard += 1;
    for (const wake of this.#waiting) wake();
  }
}
