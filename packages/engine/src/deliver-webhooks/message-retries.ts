import type { ConsumerLease, ConsumerStore, DueMessage, EventStore, MessageFailure } from '@kiroku/core';
import type { Alarm } from '../backoff/alarm.ts';
import type { DeliveryCourse } from './delivery-course.ts';
import type { DeliveryProgress } from './delivery-progress.ts';
import type { PacedPoster, Posted } from './paced-poster.ts';

export interface MessageRetriesOptions {
  readonly lease: ConsumerLease;
  readonly store: Pick<ConsumerStore, 'due' | 'countBlocked'>;
  readonly eventStore: Pick<EventStore, 'readLog'>;
  readonly poster: PacedPoster;
  readonly progress: DeliveryProgress;
  readonly course: DeliveryCourse;
  /** Milliseconds between looks for messages that are due. */
  readonly pollMs: number;
  /** Rings when there may be some sooner. */
  readonly alarm: Alarm;
  /** Too many are dead. */
  readonly onTooManyDead: (dead: number) => Promise<void>;
}

/** With so many dead letters something is wrong with the consumer, not with them. */
const mostDead = 1_000;
const perStream = 20;

/** Tries again what was kept: those of a stream in order, until one fails. */
export class MessageRetries {
  readonly #options: MessageRetriesOptions;
  readonly #trying = new Set<string>();
  #streams = 0;

  constructor(options: MessageRetriesOptions) {
    this.#options = options;
  }

  /** Streams that have a message to be tried again. */
  get streams(): number {
    return this.#streams;
  }

  /** Returns when the course has ended. */
  async run(): Promise<void> {
    const { course, progress, alarm, pollMs } = this.#options;
    while (!course.signal.aborted) {
      if (!progress.isBlocked) this.#streams = 0;
      else await this.#begin().catch((error: unknown) => course.overcome(error));
      await alarm.sleep(pollMs);
    }
  }

  async #begin(): Promise<void> {
    const { store, lease, course, onTooManyDead } = this.#options;
    const { retried, dead } = await store.countBlocked(lease);
    this.#streams = retried;
    course.changed();
    if (dead >= mostDead) return onTooManyDead(dead);
    const { concurrency } = lease.terms;
    // of so many streams, as many are not being tried as there is room for
    for (const messages of await store.due({ lease, limit: concurrency, perStream })) {
      const stream = messages[0]?.stream ?? '';
      if (this.#trying.has(stream) || this.#trying.size >= concurrency) continue;
      this.#trying.add(stream);
      course.track(this.#deliver(messages).finally(() => this.#trying.delete(stream)));
    }
  }

  async #deliver(messages: readonly DueMessage[]): Promise<void> {
    const { progress, alarm } = this.#options;
    const delivered: number[] = [];
    const failed: { readonly position: number; readonly failure: MessageFailure }[] = [];
    try {
      for (const message of messages) {
        const result = await this.#post(message);
        if (result === 'delivered') delivered.push(message.position);
        else {
          if (result !== undefined) failed.push({ position: message.position, failure: result });
          break;
        }
      }
    } finally {
      // what was delivered is settled also if the log cannot be read for the next
      if (delivered.length + failed.length > 0) await progress.settle({ delivered, failed });
    }
    alarm.ring();
  }

  async #post(message: DueMessage): Promise<Posted> {
    const { eventStore, poster } = this.#options;
    const { position } = message;
    const [event] = (await eventStore.readLog({ after: position - 1, until: position, pageSize: 1 })).events;
    if (event !== undefined) return poster.post(event, message);
    return poster.failure({ outcome: 'failed', error: `The log has no event at position ${position}.` }, message);
  }
}
