import {
  type AppendRequest,
  type AppendResult,
  type EventQuery,
  type EventStore,
  type Idempotency,
  KirokuError,
  type LogHead,
  type LogHistory,
  type LogPage,
  type ReadLogOptions,
  type ReadStreamOptions,
  type RecordedEvent,
  type StreamName,
  type SubscribeOptions,
} from '@kiroku/core';
import type { ClientBase } from 'pg';
import { AppendQueue, type AppendQueueOptions } from '../append/append-queue.ts';
import { findCommand } from '../append/repetition.ts';
import { toKirokuError } from '../errors.ts';
import { createPool, type Pool } from '../pool.ts';
import { LogReader } from '../read/log-reader.ts';
import { LogListener } from '../subscribe/log-listener.ts';
import { subscription } from '../subscribe/subscription.ts';
import { readLogHistory } from '../timelines/read-log-history.ts';
import { PinnedLog } from './pinned-log.ts';
import { preferIndexes } from './prefer-indexes.ts';

export type PostgresEventStoreOptions = {
  readonly append?: AppendQueueOptions;
  /**
   * Told once that another log, or another timeline of it, stands where the first connection led: the process has to end, and nothing is read or
   * appended any more (`LogMismatch`). Default: nobody looks.
   */
  readonly onSwitched?: (error: KirokuError) => void;
} & (
  | {
      /** Of the database event_store, made with `createPool` for this store alone; stays open when the store stops. */
      readonly pool: Pool;
    }
  | {
      /** Of the database event_store. */
      readonly url: string;
      /** Default `kiroku`. */
      readonly applicationName?: string;
      /** Connections for reading. One more appends, and one listens. Default 10. */
      readonly maxConnections?: number;
    }
);

/** The event log on PostgreSQL. Reads and appends open their connections when first needed. */
export class PostgresEventStore implements EventStore, AsyncDisposable {
  readonly #pool: Pool;
  readonly #ownsPool: boolean;
  readonly #queue: AppendQueue;
  readonly #reader: LogReader;
  readonly #listener: LogListener;
  readonly #stopping = new AbortController();
  #history: Promise<LogHistory> | undefined;

  constructor(options: PostgresEventStoreOptions) {
    const pinned = options.onSwitched && new PinnedLog(options.onSwitched);
    const check = pinned && ((client: ClientBase) => pinned.check(client));
    this.#ownsPool = 'url' in options;
    this.#pool = preferIndexes(
      'url' in options
        ? createPool({ url: options.url, applicationName: options.applicationName ?? 'kiroku', max: options.maxConnections ?? 10 })
        : options.pool,
      check,
    );
    this.#queue = new AppendQueue(this.#pool, { ...options.append, ...(check && { onConnect: check }) });
    this.#reader = new LogReader(this.#pool);
    this.#listener = new LogListener(this.#pool);
  }

  /** Sees that the log is there and answers. Throws `DatabaseUnavailable`, `SchemaTooOld` or `ConfigurationInvalid`. */
  async start(): Promise<void> {
    await this.#reader.head();
  }

  /** Ends subscriptions (they throw `Stopping`), finishes the appends that wait, and closes what the store opened. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([this.#queue.stop(), this.#listener.stop()]);
    if (this.#ownsPool && !this.#pool.ending) await this.#pool.end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  append(request: AppendRequest): Promise<AppendResult> {
    return this.#queue.append(request);
  }

  async readStream(stream: StreamName, options?: ReadStreamOptions): Promise<readonly RecordedEvent[]> {
    this.#requireRunning();
    return this.#reader.readStream(stream, options);
  }

  async query(query: EventQuery): Promise<LogPage> {
    this.#requireRunning();
    return this.#reader.query(query);
  }

  async readLog(options?: ReadLogOptions): Promise<LogPage> {
    this.#requireRunning();
    return this.#reader.readLog(options);
  }

  async *subscribe(options: SubscribeOptions = {}): AsyncGenerator<LogPage> {
    this.#requireRunning();
    const stopping = this.#stopping.signal;
    const signal = options.signal ? AbortSignal.any([options.signal, stopping]) : stopping;
    yield* subscription({ reader: this.#reader, listener: this.#listener }, options, signal);
    if (!options.signal?.aborted) this.#requireRunning();
  }

  async head(): Promise<LogHead> {
    this.#requireRunning();
    return this.#reader.head();
  }

  /** Which log this is and where its timelines left each other, as of the first call: with `onSwitched`, it cannot change. */
  async history(): Promise<LogHistory> {
    this.#requireRunning();
    this.#history ??= readLogHistory(this.#pool).catch((error: unknown) => {
      this.#history = undefined;
      throw error;
    });
    return this.#history;
  }

  async positionAt(time: string): Promise<number> {
    this.#requireRunning();
    return this.#reader.positionAt(time);
  }

  async findCommand(idempotency: Idempotency): Promise<AppendResult | undefined> {
    this.#requireRunning();
    try {
      return await findCommand(this.#pool, idempotency);
    } catch (error) {
      throw toKirokuError(error);
    }
  }

  #requireRunning(): void {
    if (this.#stopping.signal.aborted) throw new KirokuError('Stopping', 'The event store has been stopped and takes no more calls.');
  }
}
