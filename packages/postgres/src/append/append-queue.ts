import { type AppendRequest, type AppendResult, type CheckedAppend, checkAppend, KirokuError } from '@kiroku/core';
import { DedicatedConnection } from '../dedicated-connection.ts';
import { isDataFault, isRefusal, toKirokuError } from '../errors.ts';
import type { Pool } from '../pool.ts';
import { statement } from '../statement.ts';
import { Batch } from './batch.ts';
import { batchColumns } from './batch-columns.ts';
import { type BatchRow, batchOutcomes, type Outcome } from './batch-outcomes.ts';
import { type PreparedAppend, prepareAppend } from './prepared-append.ts';
import { findCommand, findRepeatedEvents } from './repetition.ts';

export interface AppendQueueOptions {
  /** Appends that may wait; beyond, `Overloaded`. Default 10,000. */
  readonly maxWaiting?: number;
  /** Characters of JSON that may wait; beyond, `Overloaded`. Default 256 Mi. */
  readonly maxWaitingCharacters?: number;
  /** How long a batch may take before its connection is given up, milliseconds. Default 30,000. */
  readonly timeoutMs?: number;
}

interface Waiting {
  readonly append: PreparedAppend;
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (error: KirokuError) => void;
}

/**
 * Group commit: while one batch is on its way, the appends that come in are collected for the next. A single append goes at once.
 */
export class AppendQueue {
  readonly #pool: Pool;
  readonly #connection: DedicatedConnection;
  readonly #maxWaiting: number;
  readonly #maxWaitingCharacters: number;
  readonly #timeoutMs: number;
  #waiting: Waiting[] = [];
  #characters = 0;
  #pumping: Promise<void> | undefined;
  #stopping = false;

  constructor(pool: Pool, options: AppendQueueOptions = {}) {
    const { maxWaiting = 10_000, maxWaitingCharacters = 268_435_456, timeoutMs = 30_000 } = options;
    this.#pool = pool;
    this.#connection = new DedicatedConnection(pool);
    this.#maxWaiting = maxWaiting;
    this.#maxWaitingCharacters = maxWaitingCharacters;
    this.#timeoutMs = timeoutMs;
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
    return new Promise((resolve, reject) => {
      this.#waiting.push({ append, resolve, reject });
      this.#characters += append.characters;
      this.#pumping ??= this.#pump();
    });
  }

  /** Takes no more appends, waits for those that wait, and closes the connection. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#pumping;
    await this.#connection.close().catch(() => undefined); // it may be lost already
  }

  async #pump(): Promise<void> {
    await Promise.resolve(); // what is appended in the same turn goes in the same batch
    while (this.#waiting.length > 0) {
      const batch = new Batch();
      await this.#send(this.#take(batch), batch);
    }
    this.#pumping = undefined;
  }

  /** Moves what fits from those that wait into the batch. */
  #take(batch: Batch): readonly Waiting[] {
    const end = this.#waiting.findIndex(({ append }) => !batch.tryAdd(append));
    const taken = end === -1 ? this.#waiting : this.#waiting.slice(0, end);
    this.#waiting = end === -1 ? [] : this.#waiting.slice(end);
    for (const { append } of taken) this.#characters -= append.characters;
    return taken;
  }

  async #send(taken: readonly Waiting[], batch: Batch): Promise<void> {
    try {
      const outcomes = await this.#execute(batch);
      taken.forEach((waiting, index) => {
        const outcome = outcomes[index];
        if (outcome !== undefined) this.#settle(waiting, outcome);
      });
    } catch (error) {
      if (taken.length > 1 && isDataFault(error)) return this.#sendInHalves(taken);
      const fault = toKirokuError(error);
      for (const { reject } of taken) reject(fault);
    }
  }

  /** Something in the batch makes PostgreSQL refuse all of it; the others must not suffer. */
  async #sendInHalves(taken: readonly Waiting[]): Promise<void> {
    const middle = taken.length >> 1;
    for (const half of [taken.slice(0, middle), taken.slice(middle)]) {
      const batch = new Batch();
      for (const { append } of half) batch.tryAdd(append);
      await this.#send(half, batch);
    }
  }

  async #execute(batch: Batch): Promise<readonly Outcome[]> {
    const client = await this.#connection.open();
    try {
      const query = { ...statement('append/append_batch'), values: [...batchColumns(batch)], query_timeout: this.#timeoutMs };
      const { rows } = await client.query<BatchRow>(query);
      return batchOutcomes(batch.appends, rows[0] as BatchRow); // the function returns one row
    } catch (error) {
      if (isRefusal(error)) throw error;
      this.#connection.drop();
      throw unknownOutcome(error);
    }
  }

  #settle({ append, resolve, reject }: Waiting, outcome: Outcome): void {
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

function unknownOutcome(error: unknown): KirokuError {
  const fault = toKirokuError(error);
  if (fault.code !== 'DatabaseUnavailable') return fault;
  return new KirokuError(
    'DatabaseUnavailable',
    `The connection was lost while the append was on its way: it may be stored or not. Repeating it with the same command id is safe. ${fault.message}`,
    { cause: error, details: { ...fault.details, outcome: 'unknown' } },
  );
}
