import { setImmediate as endOfTurn } from 'node:timers/promises';
import { type AppendRequest, type AppendResult, type CheckedAppend, checkAppend, KirokuError } from '@kiroku/core';
import type { DedicatedConnectionOptions } from '../dedicated-connection.ts';
import { isDataFault, isOutOfTurn, toKirokuError } from '../errors.ts';
import type { Pool } from '../pool.ts';
import { AppendTickets } from './append-tickets.ts';
import { Batch } from './batch.ts';
import { conditionConflict, type Outcome } from './batch-outcomes.ts';
import { BatchSender } from './batch-sender.ts';
import { type PreparedAppend, prepareAppend } from './prepared-append.ts';
import { findCommand, findRepeatedEvents } from './repetition.ts';

export interface AppendQueueOptions {
  /** Appends that may wait; beyond, `Overloaded`. Default 10,000. */
  readonly maxWaiting?: number;
  /** Characters of JSON that may wait; beyond, `Overloaded`. Default 256 Mi. */
  readonly maxWaitingCharacters?: number;
  /** How long a batch may take before its connection is given up, milliseconds. Default 30,000. */
  readonly timeoutMs?: number;
  /** Told of every batch that is sent first: how many appends are in it, and how long the first of them had waited for it, milliseconds. */
  readonly onBatch?: (batch: { readonly appends: number; readonly waitedMs: number }) => void;
}

interface Waiting {
  readonly append: PreparedAppend;
  /** On the monotonic clock. */
  readonly since: number;
  readonly onSent: AppendRequest['onSent'];
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (error: KirokuError) => void;
}

/** A batch on its way, and its answer. */
interface Sent {
  readonly taken: readonly Waiting[];
  readonly answer: Promise<readonly Outcome[]>;
}

/** Two: while the database stores one, this process reads the answers to the one before and prepares the next. More only make batches smaller. */
const mostOnTheirWay = 2;
/** So many appends are worth two batches. */
const worthSplitting = 32;
/** So many are worth a batch of their own while another is on its way. Fewer wait for its answer, for what a batch costs is mostly not for its appends. */
const worthOfItsOwn = worthSplitting / 2;

/**
 * Group commit: while batches are on their way, the appends that come in are collected for the next. A single append goes at the end of the turn. All are
 * judged in the order of the calls, but for those that follow one that is not answered yet: they let others pass.
 */
export class AppendQueue {
  readonly #pool: Pool;
  readonly #sender: BatchSender;
  readonly #maxWaiting: number;
  readonly #maxWaitingCharacters: number;
  readonly #onBatch: AppendQueueOptions['onBatch'];
  readonly #sent = new Set<Sent>();
  readonly #tickets = new AppendTickets();
  #waiting: Waiting[] = [];
  #characters = 0;
  /** Resolves when all that was sent is settled. */
  #settled = Promise.resolve();
  #filling: Promise<void> | undefined;
  #mending = false;
  #stopping = false;

  /** `onConnect`: done with a new connection for appends before it is used. */
  constructor(pool: Pool, options: AppendQueueOptions & Pick<DedicatedConnectionOptions, 'onConnect'> = {}) {
    const { maxWaiting = 10_000, maxWaitingCharacters = 268_435_456, timeoutMs = 30_000 } = options;
    this.#pool = pool;
    this.#sender = new BatchSender(pool, { timeoutMs, ...(options.onConnect && { onConnect: options.onConnect }) });
    this.#maxWaiting = maxWaiting;
    this.#maxWaitingCharacters = maxWaitingCharacters;
    this.#onBatch = options.onBatch;
  }

  async append(request: AppendRequest): Promise<AppendResult> {
    if (this.#stopping) throw new KirokuError('Stopping', 'The event store is stopping and takes no more appends. Repeat it elsewhere.');
    const checked = checkAppend(request);
    if (this.#waiting.length >= this.#maxWaiting || this.#characters >= this.#maxWaitingCharacters) {
      throw new KirokuError(
        'Overloaded',
        `${this.#waiting.length} appends are waiting already, so this one was not taken. The database is slower than what comes in; try again later.`,
      );
    }
    const append = prepareAppend(checked);
    if (!this.#tickets.take(append)) throw conditionConflict();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ append, since: performance.now(), onSent: request.onSent, resolve, reject });
      this.#characters += append.characters;
      void this.#fill();
    });
  }

  /** Takes no more appends, waits for those that wait, and closes the connection. */
  async stop(): Promise<void> {
    this.#stopping = true;
    while (this.#waiting.length > 0 || this.#sent.size > 0) {
      await this.#fill();
      await this.#settled;
    }
    await this.#sender.close().catch(() => undefined); // it may be lost already
  }

  /** Sends what waits, as far as the connection has room. */
  #fill(): Promise<void> {
    this.#filling ??= this.#fillAfterTurn();
    return this.#filling;
  }

  /** What is appended in the same turn of the event loop, by requests that were read together, goes in the same batch. */
  async #fillAfterTurn(): Promise<void> {
    await endOfTurn();
    while (this.#hasRoom() && !this.#mending) {
      const batch = new Batch();
      const taken = this.#take(batch, this.#share());
      if (taken[0] === undefined) break;
      this.#onBatch?.({ appends: taken.length, waitedMs: performance.now() - taken[0].since });
      this.#dispatch(batch, taken);
    }
    this.#filling = undefined;
  }

  /** For what waits. */
  #hasRoom(): boolean {
    const least = this.#sent.size === 0 ? 1 : worthOfItsOwn;
    return this.#waiting.length >= least && this.#sent.size < mostOnTheirWay;
  }

  #dispatch(batch: Batch, taken: readonly Waiting[]): void {
    for (const { onSent, since } of taken) onSent?.({ appends: taken.length, waitedMs: performance.now() - since });
    const sent: Sent = { taken, answer: this.#sender.send(batch) };
    sent.answer.catch(() => undefined); // it is looked at in its turn
    this.#sent.add(sent);
    this.#settled = this.#settled.then(async () => {
      await this.#finish(sent);
      this.#sent.delete(sent);
      if (this.#sent.size === 0) this.#mending = false;
      void this.#fill();
    });
  }

  /** How many of those that wait go into the next batch. */
  #share(): number {
    const { length } = this.#waiting;
    return length >= worthSplitting && this.#sent.size === 0 ? length >> 1 : length;
  }

  /** Moves what fits from those that wait into the batch. */
  #take(batch: Batch, share: number): readonly Waiting[] {
    const { taken, left } = this.#fit(batch, this.#waiting, share);
    this.#waiting = left;
    this.#characters = left.reduce((sum, { append }) => sum + append.characters, 0);
    return taken;
  }

  /** Adds to the batch what may be sent in it, at most so many, and refuses what follows something that was not appended. */
  #fit(batch: Batch, waiting: readonly Waiting[], most = waiting.length): { readonly taken: Waiting[]; readonly left: Waiting[] } {
    const taken: Waiting[] = [];
    const left: Waiting[] = [];
    let isFull = false;
    for (const each of waiting) {
      const turn = this.#tickets.turnOf(each.append, batch);
      if (turn === 'never') this.#settle(each, { kind: 'refused', error: conditionConflict() });
      else if (turn === 'later') left.push(each);
      else {
        isFull ||= taken.length === most || !batch.tryAdd(each.append);
        (isFull ? left : taken).push(each);
      }
    }
    return { taken, left };
  }

  async #finish({ taken, answer }: Sent): Promise<void> {
    try {
      this.#settleAll(taken, await answer);
    } catch (error) {
      this.#mending = true; // what was sent after it is refused too: nothing new may overtake it
      this.#sender.regain();
      await (isOutOfTurn(error) ? this.#sendAgain(taken) : this.#mend(taken, error));
    }
  }

  async #sendAgain(sent: readonly Waiting[]): Promise<void> {
    const batch = new Batch();
    const { taken } = this.#fit(batch, sent);
    if (taken.length === 0) return;
    try {
      this.#settleAll(taken, await this.#sender.send(batch));
    } catch (error) {
      this.#sender.regain();
      await this.#mend(taken, error);
    }
  }

  /** If something in the batch makes PostgreSQL refuse all of it, the others must not suffer. */
  async #mend(taken: readonly Waiting[], error: unknown): Promise<void> {
    if (taken.length === 1 || !isDataFault(error)) return this.#rejectAll(taken, error);
    const middle = taken.length >> 1;
    await this.#sendAgain(taken.slice(0, middle));
    await this.#sendAgain(taken.slice(middle));
  }

  #settleAll(taken: readonly Waiting[], outcomes: readonly Outcome[]): void {
    taken.forEach((waiting, index) => {
      const outcome = outcomes[index];
      if (outcome !== undefined) this.#settle(waiting, outcome);
    });
  }

  #rejectAll(taken: readonly Waiting[], fault: unknown): void {
    const error = toKirokuError(fault);
    for (const waiting of taken) this.#settle(waiting, { kind: 'refused', error });
  }

  #settle({ append, resolve, reject }: Waiting, outcome: Outcome): void {
    this.#tickets.settle(append, outcome.kind === 'appended' ? 'appended' : 'refused');
    if (outcome.kind === 'appended') resolve(outcome.result);
    else if (outcome.kind === 'refused') reject(outcome.error);
    else this.#findFirst(append, outcome.kind).then(resolve, (error: unknown) => reject(toKirokuError(error)));
  }

  async #findFirst(append: CheckedAppend, seen: 'commandSeen' | 'eventsSeen'): Promise<AppendResult> {
    if (seen === 'eventsSeen') return findRepeatedEvents(this.#pool, append);
    const first = append.idempotency && (await findCommand(this.#pool, append.idempotency));
    if (first !== undefined) return first;
    throw new KirokuError('Internal', 'A command id was seen but is gone. The idempotency keys were deleted by hand: repeat the call.');
  }
}
