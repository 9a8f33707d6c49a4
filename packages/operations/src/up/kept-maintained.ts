import { setTimeout as sleep } from 'node:timers/promises';
import { isKirokuError } from '@kiroku/core';
import type { OnProgress } from './progress.ts';

export interface KeptMaintainedOptions {
  /** One round; does only what is due. */
  readonly maintain: () => Promise<unknown>;
  readonly onProgress: OnProgress;
  /**
   * Between two rounds, milliseconds. Default 30,000: the two partitions of events that are kept ready last longer than that at any rate a
   * server takes, and a round with nothing to do is two reads.
   */
  readonly everyMs?: number;
}

/**
 * Maintains the databases at once and then again and again, until it is stopped. A round that fails is told once and tried again, unless it is the
 * first and the role may not.
 */
export class KeptMaintained {
  readonly #options: KeptMaintainedOptions;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #told = '';

  constructor(options: KeptMaintainedOptions) {
    this.#options = options;
  }

  /** Returns after the first round. */
  async start(): Promise<void> {
    if (!isForbidden(await this.#round())) this.#running = this.#goOn();
  }

  /** Returns when the round under way has ended. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #goOn(): Promise<void> {
    const { everyMs = 30_000 } = this.#options;
    const { signal } = this.#stopping;
    let failed: unknown;
    for (;;) {
      // rights that it had may come back; until then each try is an entry of the audit
      const waitMs = isForbidden(failed) ? 20 * everyMs : everyMs;
      await sleep(waitMs, undefined, { signal }).catch(() => undefined); // stopping: checked next
      if (signal.aborted) return;
      failed = await this.#round();
    }
  }

  /** Returns why it failed. */
  async #round(): Promise<unknown> {
    try {
      await this.#options.maintain();
      this.#told = '';
      return undefined;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#tell(
        isForbidden(error)
          ? `The databases are not maintained from here, because their URL may not: run \`kiroku db maintain\` regularly as a member of kiroku_maintenance. ${why}`
          : `The databases could not be maintained; it is tried again. ${why}`,
      );
      return error;
    }
  }

  #tell(text: string): void {
    if (text === this.#told || this.#stopping.signal.aborted) return;
    this.#told = text;
    this.#options.onProgress({ kind: 'notice', text });
  }
}

/** Does the role lack rights? That a database is gone, or lets nobody in, may pass. */
function isForbidden(error: unknown): boolean {
  return isKirokuError(error, 'ConfigurationInvalid') && error.details.sqlState === '42501';
}
