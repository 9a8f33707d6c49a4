import { type ConsumerLease, type ConsumerStore, type DeliveryFault, isKirokuError } from '@kiroku/core';

export interface NotedFaultOptions {
  readonly store: Pick<ConsumerStore, 'noteFault'>;
  readonly lease: ConsumerLease;
  /** Milliseconds without a fault after which there is none. */
  readonly quietMs: number;
}

/** Has the store say what keeps a delivery from going on, as long as it does: whoever lists the consumers sees it. */
export class NotedFault {
  readonly #options: NotedFaultOptions;
  /** The code that the store has; `unknown` if it did not answer. */
  #noted: string | undefined;
  #quiet: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: NotedFaultOptions) {
    this.#options = options;
  }

  /** It cannot go on. */
  note(error: unknown): void {
    clearTimeout(this.#quiet);
    const code = isKirokuError(error) ? error.code : 'Internal';
    if (code !== this.#noted) this.#write({ code, error: error instanceof Error ? error.message : String(error) });
  }

  /** It goes on: if nothing happens for a while, the fault is over. */
  goesOn(): void {
    clearTimeout(this.#quiet);
    if (this.#noted !== undefined) this.#quiet = setTimeout(() => this.#write(undefined), this.#options.quietMs);
  }

  async stop(): Promise<void> {
    clearTimeout(this.#quiet);
    await this.#writing;
    clearTimeout(this.#quiet);
  }

  #write(fault: DeliveryFault | undefined): void {
    const { store, lease } = this.#options;
    this.#noted = fault?.code;
    this.#writing = this.#writing
      .then(() => store.noteFault(lease, fault))
      .catch(() => {
        this.#noted = 'unknown';
        if (fault === undefined) this.goesOn();
      });
  }
}
