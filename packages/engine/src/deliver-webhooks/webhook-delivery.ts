import type { ConsumerLease, ConsumerStore, EventStore, KeyStore, RecordedEvent } from '@kiroku/core';
import { v7 as uuid } from 'uuid';
import type { Backoff } from '../backoff/backoff.ts';
import { pause } from '../backoff/pause.ts';
import { SharedLog } from '../follow-log/shared-log.ts';
import { readableEvents } from '../personal-data/readable-events.ts';
import { typesOf } from './chosen-events.ts';
import type { ConsumerDeliveryOptions } from './consumer-delivery.ts';
import { LastingDelivery, type LastingDeliveryOptions } from './lasting-delivery.ts';

export interface WebhookDeliveryOptions extends Pick<ConsumerDeliveryOptions, 'through'> {
  /** As it is stored: personal fields encrypted. */
  readonly eventStore: EventStore;
  readonly store: ConsumerStore;
  /** Of the consumers' secrets, and of personal data. */
  readonly keys: KeyStore;
  /** Names this process among those that deliver. Default: a new id. */
  readonly instance?: string;
  /** Milliseconds after which the consumers of a process that is gone go to others. Default 10,000. */
  readonly leaseMs?: number;
  /** Milliseconds between looks for messages that are due again. Default 500. */
  readonly pollMs?: number;
  /** Waits before a message that failed is tried again. Default: up to 1 s at first, up to an hour later. */
  readonly retry?: Backoff;
  /** Told of faults; `consumer` is absent if the store itself failed. */
  readonly onFault?: (error: unknown, consumer?: string) => void;
  /** Told of what became of every attempt to deliver an event. */
  readonly onAttempt?: (consumer: string, outcome: 'delivered' | 'failed' | 'gone') => void;
}

const pageSize = 200;
const rereading: Backoff = { baseMs: 200, capMs: 10_000 };

/**
 * Delivers events of the log to outside consumers: at least once, those of a stream in order. Consumers are shared out over the processes that
 * do this; the log is read once for all that a process has.
 */
export class WebhookDelivery implements AsyncDisposable {
  readonly #options: WebhookDeliveryOptions;
  readonly #instance: string;
  readonly #delivering = new Map<string, LastingDelivery>();
  readonly #readable: (events: readonly RecordedEvent[]) => Promise<readonly RecordedEvent[]>;
  #log: { readonly types: string; readonly shared: SharedLog } | undefined;
  #stopping = new AbortController();
  #turn = new AbortController();
  #running: Promise<void> | undefined;
  #heldUntil = 0;
  #leases: readonly ConsumerLease[] = [];
  #expiry: NodeJS.Timeout | undefined;
  #fault: unknown;

  constructor(options: WebhookDeliveryOptions) {
    this.#options = options;
    this.#instance = options.instance ?? uuid();
    this.#readable = readableEvents(options.keys);
  }

  start(): void {
    if (this.#running !== undefined) return;
    this.#stopping = new AbortController();
    this.#running = this.#run(this.#stopping.signal);
  }

  /** Lets what is on its way end, for a few seconds, and hands the consumers over. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#turn.abort();
    await this.#running;
    if (this.#running === undefined) return;
    this.#running = undefined;
    await this.#deliver([]);
    clearTimeout(this.#expiry);
    // who cannot say goodbye is missed when the leases lapse
    await this.#options.store.leave(this.#instance).catch(() => undefined);
  }

  /** Throws why no consumers can be taken, if so. */
  requireSound(): void {
    if (this.#fault !== undefined) throw this.#fault;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { leaseMs = 10_000, onFault } = this.#options;
    while (!signal.aborted) {
      this.#turn = new AbortController();
      try {
        await this.#attend();
        this.#fault = undefined;
      } catch (error) {
        this.#fault = error;
        onFault?.(error);
      }
      await pause(leaseMs / 4, this.#turn.signal);
    }
  }

  /** Renews what it holds, and begins or ends delivering what it was given or has lost. */
  async #attend(): Promise<void> {
    const { store, leaseMs = 10_000 } = this.#options;
    const asked = performance.now(); // the lease lasts at least from here
    const leases = await store.attend({ instance: this.#instance, leaseMs });
    this.#heldUntil = asked + leaseMs;
    clearTimeout(this.#expiry);
    this.#expiry = setTimeout(() => this.#abandon(), leaseMs - (performance.now() - asked));
    await this.#deliver(leases.filter(({ paused }) => !paused));
    await this.#handOver(leases);
  }

  /** Gives up what exceeds its share, now that nothing is on its way there any more. */
  async #handOver(held: readonly ConsumerLease[]): Promise<void> {
    const ids = new Set(held.map(({ id }) => id));
    for (const lease of this.#leases) if (!ids.has(lease.id)) await this.#options.store.release(lease);
    this.#leases = held;
  }

  async #deliver(leases: readonly ConsumerLease[]): Promise<void> {
    const wanted = new Map(leases.map((lease) => [lease.id, lease.epoch]));
    const over = [...this.#delivering.values()].filter(({ lease }) => wanted.get(lease.id) !== lease.epoch);
    await Promise.all(over.map((delivery) => delivery.stop()));
    await this.#readFor(leases);
    for (const lease of leases) if (!this.#delivering.has(lease.id)) this.#begin(lease);
  }

  #begin(lease: ConsumerLease): void {
    const delivery = new LastingDelivery(lease, this.#optionsOf(lease));
    this.#delivering.set(lease.id, delivery);
    void delivery.ended.finally(() => this.#delivering.delete(lease.id));
  }

  #optionsOf(lease: ConsumerLease): LastingDeliveryOptions {
    const { pollMs = 500, retry = { baseMs: 1_000, capMs: 3_600_000 }, leaseMs = 10_000, ...options } = this.#options;
    return {
      eventStore: options.eventStore,
      store: options.store,
      keys: options.keys,
      through: options.through,
      pollMs,
      retry,
      quietMs: leaseMs,
      readable: this.#readable,
      next: async (after, signal) => this.#log?.shared.next(after, signal),
      isHeld: () => performance.now() < this.#heldUntil,
      onFault: (error) => options.onFault?.(error, lease.name),
      onAttempt: (outcome) => options.onAttempt?.(lease.name, outcome),
      onLost: () => this.#turn.abort(), // see at once who holds what
    };
  }

  /** One reading of the log for what all of them want. */
  async #readFor(leases: readonly ConsumerLease[]): Promise<void> {
    const { eventStore } = this.#options;
    const eventTypes = typesOf(leases.map(({ filter }) => filter));
    const types = leases.length === 0 ? undefined : JSON.stringify(eventTypes ?? 'all');
    if (this.#log?.types === types) return;
    const before = this.#log;
    this.#log = undefined;
    if (types !== undefined) {
      this.#log = { types, shared: new SharedLog({ eventStore, pageSize, retry: rereading, ...(eventTypes && { eventTypes }) }) };
      this.#log.shared.start();
    }
    await before?.shared.stop(); // those who read it ask the new one
  }

  /** The leases were not renewed in time: another process may have them. */
  #abandon(): void {
    for (const delivery of this.#delivering.values()) delivery.abandon();
  }
}
