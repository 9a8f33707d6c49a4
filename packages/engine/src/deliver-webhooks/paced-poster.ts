import { setMaxListeners } from 'node:events';
import type { ConsumerLease, DueMessage, KeyStore, MessageFailure, RecordedEvent } from '@kiroku/core';
import type { Backoff } from '../backoff/backoff.ts';
import { failureOf } from './failure-of.ts';
import type { Verdict } from './judge-answer.ts';
import { MessagePoster, type MessagePosterOptions } from './message-poster.ts';
import { Slots } from './slots.ts';

export interface PacedPosterOptions extends Pick<MessagePosterOptions, 'through'> {
  readonly lease: ConsumerLease;
  readonly keys: KeyStore;
  readonly readable: (events: readonly RecordedEvent[]) => Promise<readonly RecordedEvent[]>;
  readonly retry: Backoff;
  /** Does the lease still hold? Nothing is posted when it may be another's. */
  readonly isHeld: () => boolean;
  /** Told of every answer, and of every attempt without one. */
  readonly onAttempt: (outcome: Verdict['outcome']) => void;
  /** It does not: the delivery is over. */
  readonly onLapsed: () => void;
  /** The consumer wants no more. */
  readonly onGone: (reason: string) => Promise<void>;
  /** It was down, and has taken a message. */
  readonly onRecovered: () => void;
}

/** `undefined`: it was not posted, or its answer not waited for, because the delivery ends. */
export type Posted = 'delivered' | MessageFailure | undefined;

/** So many failures in a row, and one message at a time is posted until one is delivered. */
const downAfter = 10;

/** Posts to one consumer as it can take it: so many at once, one at a time while it is down, none while it wants to be left alone. */
export class PacedPoster {
  readonly #options: PacedPosterOptions;
  readonly #poster: MessagePoster;
  readonly #slots: Slots;
  readonly #abandoned = new AbortController();
  #failuresInARow = 0;

  constructor(options: PacedPosterOptions) {
    this.#options = options;
    this.#poster = new MessagePoster(options);
    this.#slots = new Slots(options.lease.terms.concurrency);
    setMaxListeners(0, this.#abandoned.signal); // one for each message on its way
  }

  get isDown(): boolean {
    return this.#failuresInARow >= downAfter;
  }

  /** Posts an event when its turn comes. `before`: how it has failed so far. */
  async post(event: RecordedEvent, before: Pick<DueMessage, 'attempts' | 'failingForMs'>): Promise<Posted> {
    const verdict = await this.#slots.use(() => this.#postHeld(event));
    if (verdict === undefined || verdict.outcome === 'delivered') return verdict?.outcome;
    if (verdict.outcome === 'failed') return this.failure(verdict, before);
    await this.#options.onGone(verdict.reason);
    return undefined;
  }

  /** What comes of a failure. */
  failure(verdict: Extract<Verdict, { outcome: 'failed' }>, before: Pick<DueMessage, 'attempts' | 'failingForMs'>): MessageFailure {
    const { lease, retry } = this.#options;
    return failureOf(verdict, before, { terms: lease.terms, retry });
  }

  /** Begins nothing more. */
  close(): void {
    this.#slots.close();
  }

  /** Breaks off what is on its way. */
  abandon(): void {
    this.close();
    this.#abandoned.abort();
  }

  /** Ends the connections at once. */
  stop(): Promise<void> {
    return this.#poster.stop();
  }

  async #postHeld(event: RecordedEvent): Promise<Verdict | undefined> {
    if (!this.#options.isHeld()) {
      this.#options.onLapsed();
      return undefined;
    }
    const verdict = await this.#poster.post(event, this.#abandoned.signal);
    if (verdict !== undefined) this.#options.onAttempt(verdict.outcome);
    // before the slot is free for another
    if (verdict?.outcome === 'delivered') this.#answered();
    if (verdict?.outcome === 'failed') this.#failed(verdict);
    return verdict;
  }

  #failed({ waitMs }: Extract<Verdict, { outcome: 'failed' }>): void {
    if (waitMs !== undefined) this.#slots.hold(waitMs);
    this.#failuresInARow += 1;
    if (this.#failuresInARow === downAfter) this.#slots.limit = 1;
  }

  #answered(): void {
    const wasDown = this.isDown;
    this.#failuresInARow = 0;
    if (!wasDown) return;
    this.#slots.limit = this.#options.lease.terms.concurrency;
    this.#options.onRecovered();
  }
}
