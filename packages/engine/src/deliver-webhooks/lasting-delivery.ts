import { type ConsumerLease, isKirokuError } from '@kiroku/core';
import { type Backoff, backoffMs } from '../backoff/backoff.ts';
import { pause } from '../backoff/pause.ts';
import { ConsumerDelivery, type ConsumerDeliveryOptions } from './consumer-delivery.ts';
import { NotedFault } from './noted-fault.ts';

export interface LastingDeliveryOptions extends Omit<ConsumerDeliveryOptions, 'onBegun'> {
  /** Milliseconds without a fault after which there is none. */
  readonly quietMs: number;
  /** Another process has the consumer, or an operator has changed it. */
  readonly onLost: () => void;
}

const restart: Backoff = { baseMs: 200, capMs: 10_000 };

/** Delivers to one consumer under one lease; begins again after a fault, which the store is told of. */
export class LastingDelivery {
  readonly lease: ConsumerLease;
  readonly #options: LastingDeliveryOptions;
  readonly #fault: NotedFault;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;
  #current: ConsumerDelivery | undefined;

  constructor(lease: ConsumerLease, options: LastingDeliveryOptions) {
    const { store, quietMs } = options;
    this.lease = lease;
    this.#options = options;
    this.#fault = new NotedFault({ store, lease, quietMs });
    this.#ended = this.#runToItsEnd();
  }

  /** When nothing is delivered any more. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** Lets what is on its way end, for a few seconds. */
  stop(): Promise<void> {
    this.#stopping.abort();
    return this.#ended;
  }

  /** The lease was not renewed in time: another process may have it. */
  abandon(): void {
    this.#stopping.abort();
    this.#current?.abandon();
  }

  async #runToItsEnd(): Promise<void> {
    try {
      await this.#run(this.#stopping.signal);
    } finally {
      await this.#fault.stop();
    }
  }

  async #run(signal: AbortSignal): Promise<void> {
    for (let failures = 1; !signal.aborted; failures += 1) {
      try {
        this.#current = this.#delivery();
        return await this.#current.run(signal);
      } catch (error) {
        if (isKirokuError(error, 'LeaseLost')) return this.#options.onLost();
        this.#fault.note(error);
        this.#options.onFault(error);
        await pause(backoffMs(failures, restart), signal);
      }
    }
  }

  #delivery(): ConsumerDelivery {
    return new ConsumerDelivery(this.lease, {
      ...this.#options,
      onBegun: () => this.#fault.goesOn(),
      onFault: (error) => {
        this.#fault.note(error);
        this.#fault.goesOn();
        this.#options.onFault(error);
      },
    });
  }
}
