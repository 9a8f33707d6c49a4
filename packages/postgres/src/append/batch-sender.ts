import { KirokuError } from '@kiroku/core';
import type pg from 'pg';
import { DedicatedConnection, type DedicatedConnectionOptions } from '../dedicated-connection.ts';
import { isRefusal, toKirokuError } from '../errors.ts';
import type { Pool } from '../pool.ts';
import { statement } from '../statement.ts';
import type { Batch } from './batch.ts';
import { batchColumns } from './batch-columns.ts';
import { type BatchRow, batchOutcomes, type Outcome } from './batch-outcomes.ts';
import { type LoneRow, loneColumns, loneOutcome } from './lone-append.ts';

/**
 * Sends batches over a connection of its own, each without waiting for the answer to the one before. They are judged in the order in which
 * they were sent: once one is refused, those sent after it are too (`isOutOfTurn`), until `regain` is called.
 */
export class BatchSender {
  readonly #connection: DedicatedConnection;
  readonly #timeoutMs: number;
  #client: pg.Client | undefined;
  /** Numbers the batches of a connection; the server knows the last one it stored. */
  #sent = 0;
  #stored = 0;
  #next = 1;

  constructor(pool: Pool, { timeoutMs, ...connecting }: { readonly timeoutMs: number } & Pick<DedicatedConnectionOptions, 'onConnect'>) {
    this.#connection = new DedicatedConnection(pool, { ...connecting, pipeline: true });
    this.#timeoutMs = timeoutMs;
  }

  /** Throws what PostgreSQL refused the batch with; `DatabaseUnavailable` with outcome `unknown` if the connection was lost on the way. */
  async send(batch: Batch): Promise<readonly Outcome[]> {
    const client = await this.#connection.open();
    if (client !== this.#client) this.#begin(client);
    const turn = this.#next++;
    const after = this.#sent;
    this.#sent = turn;
    try {
      const row = await this.#store(client, batch, [after, turn]);
      if (client === this.#client) this.#stored = turn;
      return batchOutcomes(batch.appends, row);
    } catch (error) {
      if (isRefusal(error)) throw error;
      this.#connection.drop(client);
      throw unknownOutcome(error);
    }
  }

  /** Lets the next batch follow the last that was stored. To be called after a refusal, when nothing that was sent before may come after it. */
  regain(): void {
    this.#sent = this.#stored;
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  async #store(client: pg.Client, batch: Batch, turns: readonly number[]): Promise<BatchRow> {
    const alone = loneColumns(batch);
    if (alone === undefined) return this.#ask<BatchRow>(client, 'append/append_batch', [...batchColumns(batch), ...turns]);
    return loneOutcome(await this.#ask<LoneRow>(client, 'append/append_one', [...alone, ...turns]));
  }

  async #ask<R extends object>(client: pg.Client, name: string, values: unknown[]): Promise<R> {
    const query = { ...statement(name), values, query_timeout: this.#timeoutMs };
    const { rows } = await client.query<R>(query);
    return rows[0] as R; // both functions return one row
  }

  #begin(client: pg.Client): void {
    this.#client = client;
    this.#sent = 0;
    this.#stored = 0;
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
