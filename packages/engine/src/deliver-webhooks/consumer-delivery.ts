import { setMaxListeners } from 'node:events';
import {
  type ConsumerLease,
  type ConsumerStore,
  type DueMessage,
  type EventStore,
  isKirokuError,
  type KeyStore,
  KirokuError,
  type MessageFailure,
  type RecordedEvent,
} from '@kiroku/core';
import type { Backoff } from '../backoff/backoff.ts';
import { pause } from '../backoff/pause.ts';
import type { LogSlice } from '../follow-log/shared-log.ts';
import { chosenBy } from './chosen-events.ts';
import { DeliveryWindow } from './delivery-window.ts';
import type { Verdict } from './judge-answer.ts';
import { PacedPoster, type PacedPosterOptions, type Posted } from './paced-poster.ts';

export interface ConsumerDeliveryOptions extends Pick<PacedPosterOptions, 'through'> {
  readonly eventStore: Pick<EventStore, 'head' | 'readLog'>;
  /** The log as it is read for all consumers: what follows a position. `undefined`: ask again, if the signal has not fired. */
  readonly next: (after: number, signal: AbortSignal) => Promise<LogSlice | undefined>;
  readonly store: ConsumerStore;
  readonly keys: KeyStore;
  readonly readable: (events: readonly RecordedEvent[]) => Promise<readonly RecordedEvent[]>;
  readonly retry: Backoff;
  readonly pollMs: number;
  /** Does the lease still hold? Nothing is posted when it may be another's. */
  readonly isHeld: () => boolean;
  /** Told of faults that pass. */
  readonly onFault: (error: unknown) => void;
  /** Told of what became of every attempt to deliver an event. */
  readonly onAttempt: (outcome: Verdict['outcome']) => void;
}

/** Events read and not written as settled: what a crash may repeat. */
const windowSize = 256;
const writeEveryMs = 100;
const moveEveryMs = 1_000; // while there is nothing but a position to write
/** Streams that are tried again; with so many of them the log is not read on. */
const mostRetried = 1_000;
/** With so many dead letters something is wrong with the consumer, not with them. */
const mostDead = 1_000;
const perStream = 20;
const stopWithinMs = 3_000;
const betweenReadingsMs = 10;

/** Delivers to one consumer, as long as the lease lasts: events of a stream one after the other, streams side by side. Used once. */
export class ConsumerDelivery {
  readonly #options: ConsumerDeliveryOptions;
  readonly #lease: ConsumerLease;
  readonly #poster: PacedPoster;
  readonly #lanes = new Map<string, RecordedEvent[]>();
  /** Streams of which messages are kept, or will be: their events are not posted as they are read. */
  #blocked = new Set<string>();
  readonly #retrying = new Set<string>();
  readonly #underWay = new Set<Promise<void>>();
  readonly #ending = new AbortController();
  #window = new DeliveryWindow(0);
  #wakeRetries = new AbortController();
  #wakeWrites = new AbortController();
  #waiters: (() => void)[] = [];
  #writing: Promise<unknown> = Promise.resolve();
  #retried = 0;
  #fault: { readonly error: unknown } | undefined;

  constructor(lease: ConsumerLease, options: ConsumerDeliveryOptions) {
    this.#lease = lease;
    this.#options = options;
    setMaxListeners(0, this.#ending.signal); // one for each stream that waits out a fault
    this.#poster = new PacedPoster({
      lease,
      keys: options.keys,
      readable: options.readable,
      through: options.through,
      retry: options.retry,
      isHeld: options.isHeld,
      onAttempt: options.onAttempt,
      onLapsed: () => this.abandon(),
      onGone: (reason) => this.#pause(reason),
      onRecovered: () => this.#recovered(),
    });
  }

  /** Returns when the signal has fired and what is on its way has ended. Throws `LeaseLost`, and what keeps it from going on. */
  async run(signal: AbortSignal): Promise<void> {
    const end = () => this.#end();
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    try {
      const position = await this.#begin();
      await Promise.all(
        [this.#read(position), this.#write(), this.#retry()].map((loop) => loop.catch((error: unknown) => this.#fail(error))),
      );
      await this.#finish();
      if (this.#fault !== undefined) throw this.#fault.error;
    } finally {
      signal.removeEventListener('abort', end);
      this.abandon();
      await Promise.all(this.#underWay);
      await this.#poster.stop();
    }
  }

  /** Breaks off what is on its way: the lease is over. */
  abandon(): void {
    this.#end();
    this.#poster.abandon();
  }

  async #begin(): Promise<number> {
    const { eventStore, store } = this.#options;
    const { position, blocked } = await store.resume(this.#lease);
    const { log, position: head } = await eventStore.head();
    const { id, timeline } = this.#lease.log;
    if (log.id !== id || log.timeline !== timeline || position > head) {
      const reason = `Its position ${position} is of log ${id}, timeline ${timeline}; the log is ${log.id}, timeline ${log.timeline}, and ends at ${head}. Say where it goes on: \`kiroku consumer rewind ${this.#lease.name} --to N\`, then \`resume\`.`;
      await store.pauseHeld(this.#lease, reason);
      throw paused(this.#lease.name);
    }
    this.#window = new DeliveryWindow(position);
    this.#blocked = new Set(blocked);
    return position;
  }

  async #read(position: number): Promise<void> {
    const { signal } = this.#ending;
    const isChosen = chosenBy(this.#lease.filter);
    let after = position;
    while (!signal.aborted) {
      const slice = await this.#next(after, signal);
      if (slice === undefined) {
        await pause(betweenReadingsMs, signal);
        continue;
      }
      for (const event of slice.events) {
        if (!isChosen(event)) continue;
        await this.#room();
        if (signal.aborted) return;
        this.#take(event);
      }
      after = slice.position;
      this.#window.pass(after);
    }
  }

  async #next(after: number, signal: AbortSignal): Promise<LogSlice | undefined> {
    try {
      return await this.#options.next(after, signal);
    } catch (error) {
      await this.#overcome(error);
      return undefined;
    }
  }

  /** Waits until more may be read. */
  async #room(): Promise<void> {
    const full = () => this.#window.size >= windowSize || this.#retried >= mostRetried || (this.#poster.isDown && this.#retried > 0);
    while (full() && !this.#ending.signal.aborted) {
      if ((this.#window.settled()?.entries ?? 0) >= windowSize / 4) this.#wakeWrites.abort();
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  #take(event: RecordedEvent): void {
    this.#window.add(event);
    const lane = this.#lanes.get(event.stream);
    if (lane !== undefined) lane.push(event);
    else if (this.#blocked.has(event.stream)) this.#window.keep(event.position);
    else {
      this.#lanes.set(event.stream, [event]);
      this.#track(this.#deliverLane(event.stream).catch((error: unknown) => this.#fail(error)));
    }
  }

  /** The events of a stream as they are read, until one fails: then all that are there are kept. */
  async #deliverLane(stream: string): Promise<void> {
    const lane = this.#lanes.get(stream) ?? [];
    for (let event = lane[0]; event !== undefined; event = lane[0]) {
      const result = await this.#poster.post(event, { attempts: 0, failingForMs: 0 });
      if (result === undefined) return; // it ends: the rest stays open
      lane.shift();
      if (result === 'delivered') {
        this.#window.delivered(event.position);
        this.#changed();
        continue;
      }
      this.#blocked.add(stream);
      this.#window.keep(event.position, result);
      for (const { position } of lane.splice(0)) this.#window.keep(position);
    }
    this.#lanes.delete(stream);
    this.#changed();
  }

  async #write(): Promise<void> {
    const { signal } = this.#ending;
    for (let idleMs = 0; !signal.aborted; ) {
      this.#wakeWrites = new AbortController();
      await pause(writeEveryMs, this.#wakeWrites.signal);
      idleMs += writeEveryMs;
      const settled = this.#window.settled();
      if (settled === undefined || (settled.entries === 0 && idleMs < moveEveryMs)) continue;
      idleMs = 0;
      await this.#writeSettled().catch((error: unknown) => this.#overcome(error));
    }
  }

  #writeSettled(): Promise<void> {
    return this.#exclusively(async () => {
      const settled = this.#window.settled();
      if (settled === undefined) return;
      await this.#options.store.advance({ lease: this.#lease, position: settled.position, kept: settled.kept });
      this.#window.written(settled);
      if (settled.kept.length > 0) this.#wakeRetries.abort();
      this.#changed();
    });
  }

  async #retry(): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      this.#wakeRetries = new AbortController();
      if (this.#blocked.size === 0) this.#retried = 0;
      else await this.#beginRetries().catch((error: unknown) => this.#overcome(error));
      await pause(this.#options.pollMs, this.#wakeRetries.signal);
    }
  }

  async #beginRetries(): Promise<void> {
    const { store } = this.#options;
    const { retried, dead } = await store.countBlocked(this.#lease);
    this.#retried = retried;
    this.#changed();
    if (dead >= mostDead) return this.#pause(`${dead} dead letters. See \`kiroku consumer dead list ${this.#lease.name}\`.`);
    const { concurrency } = this.#lease.terms;
    const limit = concurrency + this.#retrying.size; // those that are being tried are among them
    for (const messages of await store.due({ lease: this.#lease, limit, perStream })) {
      const stream = messages[0]?.stream ?? '';
      if (this.#retrying.has(stream) || this.#retrying.size >= concurrency) continue;
      this.#retrying.add(stream);
      this.#track(this.#deliverKept(messages).finally(() => this.#retrying.delete(stream)));
    }
  }

  /** Messages of one stream that were kept, in order, until one fails. */
  async #deliverKept(messages: readonly DueMessage[]): Promise<void> {
    const delivered: number[] = [];
    const failed: { readonly position: number; readonly failure: MessageFailure }[] = [];
    for (const message of messages) {
      const result = await this.#postKept(message);
      if (result === 'delivered') delivered.push(message.position);
      else {
        if (result !== undefined) failed.push({ position: message.position, failure: result });
        break;
      }
    }
    if (delivered.length + failed.length > 0) await this.#settle({ delivered, failed });
    this.#wakeRetries.abort();
  }

  async #postKept(message: DueMessage): Promise<Posted> {
    const { position } = message;
    const [event] = (await this.#options.eventStore.readLog({ after: position - 1, until: position, pageSize: 1 })).events;
    if (event !== undefined) return this.#poster.post(event, message);
    return this.#poster.failure({ outcome: 'failed', error: `The log has no event at position ${position}.` }, message);
  }

  #settle(settled: {
    readonly delivered: readonly number[];
    readonly failed: readonly { readonly position: number; readonly failure: MessageFailure }[];
  }): Promise<void> {
    return this.#exclusively(async () => {
      const free = await this.#options.store.settle({ lease: this.#lease, ...settled });
      for (const stream of free) if (!this.#window.has(stream)) this.#blocked.delete(stream);
    });
  }

  /** Whoever was down answers again: all that waits is tried at once. */
  #recovered(): void {
    this.#changed();
    this.#track(this.#options.store.hurry(this.#lease).then(() => this.#wakeRetries.abort()));
  }

  async #pause(reason: string): Promise<void> {
    if (this.#ending.signal.aborted) return;
    await this.#options.store.pauseHeld(this.#lease, reason);
    this.#fail(paused(this.#lease.name));
  }

  /** Faults that pass are waited out; others end the delivery. */
  async #overcome(error: unknown): Promise<void> {
    if (!isKirokuError(error) || !error.retryable || error.code === 'LeaseLost') throw error;
    this.#options.onFault(error);
    await pause(this.#options.pollMs, this.#ending.signal);
  }

  /** One write at a time: what was freed by one must not be what another has just kept. */
  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#writing.then(work);
    this.#writing = result.catch(() => undefined);
    return result;
  }

  #track(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => this.#overcome(error))
      .catch((error: unknown) => this.#fail(error))
      .finally(() => this.#underWay.delete(tracked));
    this.#underWay.add(tracked);
  }

  #changed(): void {
    for (const resolve of this.#waiters.splice(0)) resolve();
  }

  #fail(error: unknown): void {
    this.#fault ??= { error };
    this.#end();
  }

  #end(): void {
    this.#ending.abort();
    this.#poster.close();
    this.#wakeRetries.abort();
    this.#wakeWrites.abort();
    this.#changed();
  }

  /** Lets what is on its way end, for a while, and writes what is settled then. */
  async #finish(): Promise<void> {
    const tooLate = setTimeout(() => this.#poster.abandon(), stopWithinMs);
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
    clearTimeout(tooLate);
    if (this.#fault === undefined && this.#options.isHeld()) await this.#writeSettled();
  }
}

function paused(name: string): KirokuError {
  return new KirokuError('LeaseLost', `The consumer ${name} is paused.`);
}
