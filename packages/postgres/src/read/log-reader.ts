import {
  checkQuery,
  checkReadLog,
  checkReadStream,
  checkTime,
  type EventQuery,
  KirokuError,
  type LogHead,
  type LogPage,
  type ReadLogOptions,
  type ReadStreamOptions,
  type RecordedEvent,
  type StreamName,
} from '@kiroku/core';
import type { QueryResultRow } from 'pg';
import { toKirokuError } from '../errors.ts';
import type { Pool } from '../pool.ts';
import { statement } from '../statement.ts';
import { asEventRows, type EventRow, type PageRow, toEvents, toRecordedEvent } from './event-row.ts';

const lastVersion = 2_147_483_647;

/** Reads the log; the reading half of the port, one statement each. */
export class LogReader {
  readonly #pool: Pick<Pool, 'query'>;

  constructor(pool: Pick<Pool, 'query'>) {
    this.#pool = pool;
  }

  async readStream(stream: StreamName, options: ReadStreamOptions = {}): Promise<readonly RecordedEvent[]> {
    checkReadStream(options);
    const { direction = 'forward', limit } = options;
    const { fromVersion = direction === 'forward' ? 1 : lastVersion } = options;
    const rows = await this.#eventRows<EventRow>(`read/read_stream_${direction}`, [stream, Math.min(fromVersion, lastVersion), limit]);
    return rows.map(toRecordedEvent);
  }

  async query(query: EventQuery): Promise<LogPage> {
    checkQuery(query);
    if (query.some(({ types, tags = [] }) => types === undefined && tags.length === 0)) return this.#everything();
    const items = query.map(({ types, tags }) => ({ types, tags }));
    const rows = await this.#eventRows<PageRow>('read/query_events', [JSON.stringify(items)]);
    return { events: toEvents(rows), position: rows[0]?.[0] ?? 0 };
  }

  async readLog(options: ReadLogOptions = {}): Promise<LogPage> {
    checkReadLog(options);
    const { after = 0, until = Number.MAX_SAFE_INTEGER, filter = {}, pageSize = 1_000 } = options;
    const last = Math.min(until, after + pageSize, Number.MAX_SAFE_INTEGER);
    const { types, categories, tags } = filter;
    const rows = await this.#eventRows<PageRow>('read/read_log', [after, last, types, categories, tags]);
    return { events: toEvents(rows), position: Math.max(after, Math.min(last, rows[0]?.[0] ?? 0)) };
  }

  async head(): Promise<LogHead> {
    const [row] = await this.#rows<{ id: string; timeline: number; position: number }>('read/read_head', []);
    if (row === undefined) {
      throw new KirokuError(
        'LogMismatch',
        'The event store has no identity: its row in kiroku.log is gone. Restore the database from a backup.',
      );
    }
    return { position: row.position, log: { id: row.id, timeline: row.timeline } };
  }

  async positionAt(time: string): Promise<number> {
    const rows = await this.#rows<{ position: number }>('read/find_position_at', [checkTime(time)]);
    return rows[0]?.position ?? 0;
  }

  async #everything(): Promise<LogPage> {
    const rows = await this.#eventRows<PageRow>('read/read_log', [0, Number.MAX_SAFE_INTEGER, undefined, undefined, undefined]);
    return { events: toEvents(rows), position: rows[0]?.[0] ?? 0 };
  }

  async #eventRows<R extends EventRow | PageRow>(name: string, values: readonly unknown[]): Promise<readonly R[]> {
    try {
      return (await this.#pool.query<R>({ ...statement(name), ...asEventRows, values: [...values] })).rows;
    } catch (error) {
      throw toKirokuError(error);
    }
  }

  async #rows<R extends QueryResultRow>(name: string, values: readonly unknown[]): Promise<readonly R[]> {
    try {
      return (await this.#pool.query<R>({ ...statement(name), values: [...values] })).rows;
    } catch (error) {
      throw toKirokuError(error);
    }
  }
}
