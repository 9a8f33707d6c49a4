import type { ConsumerLease, ConsumerStore, EventStore, KeyStore, RecordedEvent } from '@kiroku/core';
import { Alarm } from '../backoff/alarm.ts';
import type { Backoff } from '../backoff/backoff.ts';
import { pause } from '../backoff/pause.ts';
import type { LogSlice } from '../follow-log/shared-log.ts';
import { chosenBy } from './chosen-events.ts';
import { DeliveryCourse, type DeliveryCourseOptions } from './delivery-course.ts';
import { DeliveryProgress } from './delivery-progress.ts';
import type { Verdict } from './judge-answer.ts';
import { MessageRetries } from './message-retries.ts';
import { PacedPoster, type PacedPosterOptions } from './paced-poster.ts';
import { pausedConsumer, resumeDelivery } from './resume-delivery.ts';
import { StreamLanes } from './stream-lanes.ts';

export interface ConsumerDeliveryOptions extends Pick<PacedPosterOptions, 'through'>, DeliveryCourseOptions {
  readonly eventStore: Pick<EventStore, 'head' | 'readLog'>;
  /** The log as it is read for all consumers: what follows a position. `undefined`: ask again, if the signal has not fired. */
  readonly next: (after: number, signal: AbortSignal) => Promise<LogSlice | undefined>;
  readonly store: ConsumerStore;
  readonly keys: KeyStore;
  readonly readable: (events: readonly RecordedEvent[]) => Promise<readonly RecordedEvent[]>;
  readonly retry: Backoff;
  /** Does the lease still hold? Nothing is posted when it may be another's. */
  readonly isHeld: () => boolean;
  /** Told when it has found out where to go on from. */
  readonly onBegun: () => void;
  /** Told of what became of every attempt to deliver an event. */
  readonly onAttempt: (outcome: Verdict['outcome']) => void;
}

/** What reads, posts, writes and tries again. */
interface Parts {
  readonly progress: DeliveryProgress;
  readonly lanes: StreamLanes;
  readonly retries: MessageRetries;
}

/** Events read and not written as settled: what a crash may repeat. */
const windowSize = 256;
const writeEveryMs = 100;
const moveEveryMs = 1_000; // while there is nothing but a position to write
/** Streams that are tried again; with so many of them the log is not read on. */
const mostRetried = 1_000;
const stopWithinMs = 3_000;
const betweenReadingsMs = 10;

/** Delivers to one consumer, as long as the lease lasts: events of a stream one after the other, streams side by side. Used once. */
export class ConsumerDelivery {
  readonly #options: ConsumerDeliveryOptions;
  readonly #lease: ConsumerLease;
  readonly #course: DeliveryCourse;
  readonly #poster: PacedPoster;
  readonly #retrySoon = new Alarm();
  readonly #writeSoon = new Alarm();

  constructor(lease: ConsumerLease, options: ConsumerDeliveryOptions) {
    this.#lease = lease;
    this.#options = options;
    this.#course = new DeliveryCourse(options);
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
    this.#course.signal.addEventListener('abort', () => this.#close(), { once: true });
  }

  /** Returns when the signal has fired and what is on its way has ended. Throws `LeaseLost`, and what keeps it from going on. */
  async run(signal: AbortSignal): Promise<void> {
    const course = this.#course;
    const end = () => course.end();
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    try {
      const from = await resumeDelivery(this.#lease, this.#options);
      this.#options.onBegun();
      const parts = this.#parts(from);
      const loops = [this.#read(from.position, parts), this.#write(parts), parts.retries.run()];
      await Promise.all(loops.map((loop) => loop.catch((error: unknown) => course.fail(error))));
      await this.#finish(parts);
      course.requireSound();
    } finally {
      signal.removeEventListener('abort', end);
      this.abandon();
      await course.whenIdle();
      await this.#poster.stop();
    }
  }

  /** Breaks off what is on its way: the lease is over. */
  abandon(): void {
    this.#course.end();
    this.#poster.abandon();
  }

  #parts(from: { readonly position: number; readonly blocked: readonly string[] }): Parts {
    const { store, eventStore, pollMs } = this.#options;
    const [lease, course, poster] = [this.#lease, this.#course, this.#poster];
    const progress = new DeliveryProgress({ lease, store, ...from });
    return {
      progress,
      lanes: new StreamLanes({ poster, progress, course }),
      retries: new MessageRetries({
        lease,
        store,
        eventStore,
        poster,
        progress,
        course,
        pollMs,
        alarm: this.#retrySoon,
        onTooManyDead: (dead) => this.#pause(`${dead} dead letters. See \`kiroku consumer dead list ${lease.name}\`.`),
      }),
    };
  }

  async #read(position: number, parts: Parts): Promise<void> {
    const { signal } = this.#course;
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
        await this.#room(parts);
        parts.lanes.take(event); // begins nothing once it has ended
      }
      after = slice.position;
      parts.progress.pass(after);
    }
  }

  async #next(after: number, signal: AbortSignal): Promise<LogSlice | undefined> {
    try {
      return await this.#options.next(after, signal);
    } catch (error) {
      await this.#course.overcome(error);
      return undefined;
    }
  }

  /** Waits until more may be read. */
  async #room({ progress, retries }: Parts): Promise<void> {
    const full = () => progress.open >= windowSize || retries.streams >= mostRetried || (this.#poster.isDown && retries.streams > 0);
    while (full() && !this.#course.signal.aborted) {
      if ((progress.writable ?? 0) >= windowSize / 4) this.#writeSoon.ring();
      await this.#course.nextChange();
    }
  }

  async #write({ progress }: Parts): Promise<void> {
    for (let idleMs = 0; !this.#course.signal.aborted; ) {
      await this.#writeSoon.sleep(writeEveryMs);
      idleMs += writeEveryMs;
      const { writable } = progress;
      if (writable === undefined || (writable === 0 && idleMs < moveEveryMs)) continue;
      idleMs = 0;
      await this.#writeSettled(progress).catch((error: unknown) => this.#course.overcome(error));
    }
  }

  async #writeSettled(progress: DeliveryProgress): Promise<void> {
    const kept = await progress.write();
    if (kept > 0) this.#retrySoon.ring();
    this.#course.changed();
  }

  /** Whoever was down answers again: all that waits is tried at once. */
  #recovered(): void {
    this.#course.changed();
    this.#course.track(this.#options.store.hurry(this.#lease).then(() => this.#retrySoon.ring()));
  }

  async #pause(reason: string): Promise<void> {
    if (this.#course.signal.aborted) return;
    await this.#options.store.pauseHeld(this.#lease, reason);
    this.#course.fail(pausedConsumer(this.#lease));
  }

  /** Begins nothing more. */
  #close(): void {
    this.#poster.close();
    this.#retrySoon.ring();
    this.#writeSoon.ring();
  }

  /** Lets what is on its way end, for a while, and writes what is settled then. */
  async #finish({ progress }: Parts): Promise<void> {
    const tooLate = setTimeout(() => this.#poster.abandon(), stopWithinMs);
    await this.#course.whenIdle();
    clearTimeout(tooLate);
    if (!this.#course.hasFailed && this.#options.isHeld()) await this.#writeSettled(progress);
  }
}
