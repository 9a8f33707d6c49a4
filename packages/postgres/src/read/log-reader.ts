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
import { GatheredCalls } from '../gathered-calls.ts';
import type { Pool } from '../pool.ts';
import { statement } from '../statement.ts';
import { asEventRows, type EventRow, type QueryRow, toMatchedEvent, toRecordedEvent, toStreamEvent } from './event-row.ts';
import { endOf, eventsOf, type LogPieceRow, startOf } from './log-page.ts';
import { readLogStatement, type WantedPage } from './read-log-statement.ts';

/** Positions in a page, if nothing is said. */
export const defaultPageSize = 1_000;
const lastVersion = 2_147_483_647;
/** Of data and metadata: a page with more is read in parts. V8's texts have at most 512 MiB, PostgreSQL's 1 GiB. */
const mostPageBytes = 256 * 1024 * 1024;
const longerThanText = '54000';
const everythingPage = 10_000;
/** Positions that one row tells of. */
const pieceSize = 100;

interface WantedStream {
  readonly stream: StreamName;
  readonly fromVersion: number;
}

/** Reads the log; the reading half of the port. */
export class LogReader {
  readonly #pool: Pick<Pool, 'query'>;
  readonly #maxPageBytes: number;
  readonly #tagged = new GatheredCalls((queries: readonly EventQuery[]) => this.#query(queries));
  readonly #streams = new GatheredCalls((wanted: readonly WantedStream[]) => this.#readStreams(wanted));

  constructor(pool: Pick<Pool, 'query'>, { maxPageBytes = mostPageBytes }: { readonly maxPageBytes?: number } = {}) {
    this.#pool = pool;
    this.#maxPageBytes = maxPageBytes;
  }

  async readStream(stream: StreamName, options: ReadStreamOptions = {}): Promise<readonly RecordedEvent[]> {
    checkReadStream(options);
    const { direction = 'forward', limit } = options;
    const { fromVersion = direction === 'forward' ? 1 : lastVersion } = options;
    if (direction === 'forward' && limit === undefined)
      return this.#streams.call({ stream, fromVersion: Math.min(fromVersion, lastVersion) });
    const rows = await this.#eventRows<EventRow>(`read/read_stream_${direction}`, [stream, Math.min(fromVersion, lastVersion), limit]);
    return rows.map(toRecordedEvent);
  }

  async query(query: EventQuery): Promise<LogPage> {
    checkQuery(query);
    if (query.some(({ types, tags = [] }) => types === undefined && tags.length === 0)) return this.#everything();
    if (query.every(({ tags = [] }) => tags.length > 0)) return this.#tagged.call(query);
    const [page] = await this.#query([query]); // of a type there may be many: others would wait for them
    return page as LogPage; // there is one for each
  }

  /** `isLong`: the log is known to go on for more than a few events; they are then read in pieces. */
  async readLog(
    options: ReadLogOptions = {},
    { isLong = options.until !== undefined }: { readonly isLong?: boolean } = {},
  ): Promise<LogPage> {
    checkReadLog(options);
    const { after = 0, until = Number.MAX_SAFE_INTEGER, filter = {}, pageSize = defaultPageSize } = options;
    const { types, categories, tags, part } = filter;
    for (let size = pageSize; ; size = Math.ceil(size / 2)) {
      const last = Math.min(until, after + size, Number.MAX_SAFE_INTEGER);
      const piece = isLong && last - after > pieceSize ? pieceSize * (part?.of ?? 1) : undefined;
      const bound = size === 1 ? null : Math.floor(this.#maxPageBytes / Math.ceil(size / (piece ?? size)));
      const pieces = await this.#pieces({ after, last, piece, bound, types, categories, tags, part: part?.index, parts: part?.of });
      const end = endOf(pieces, last);
      if (end !== undefined) return { events: eventsOf(end.whole), position: Math.max(after, end.position) };
    }
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

  async #readStreams(streams: readonly WantedStream[]): Promise<readonly (readonly RecordedEvent[])[]> {
    const values = [streams.map(({ stream }) => stream), streams.map(({ fromVersion }) => fromVersion)];
    const rows = await this.#eventRows<[ordinal: number, ...event: EventRow]>('read/read_streams', values);
    const found: RecordedEvent[][] = streams.map(() => []);
    for (const row of rows) found[row[0] - 1]?.push(toStreamEvent(row));
    return found;
  }

  async #query(queries: readonly EventQuery[]): Promise<readonly LogPage[]> {
    const items = queries.flatMap((query, index) => query.map(({ types, tags }) => ({ query: index, types, tags })));
    const rows = await this.#eventRows<QueryRow>('read/query_events', [JSON.stringify(items)]);
    const found: RecordedEvent[][] = queries.map(() => []);
    for (const row of rows) {
      const events = row[1] === null ? undefined : found[row[1]];
      if (events !== undefined && events.at(-1)?.position !== row[2]) events.push(toMatchedEvent(row)); // several items may match it
    }
    const position = rows[0]?.[0] ?? 0;
    return found.map((events) => ({ events, position }));
  }

  async #everything(): Promise<LogPage> {
    const { position: head } = await this.head();
    const events: RecordedEvent[] = [];
    // what stands up to the head stays as it is, so that the pages are of one snapshot
    for (let position = 0; position < head; ) {
      const page = await this.readLog({ after: position, until: head, pageSize: everythingPage });
      for (const event of page.events) events.push(event);
      position = page.position;
    }
    return { events, position: head };
  }

  /** In the order of the log; none if one is longer than a text can be. */
  async #pieces(wanted: WantedPage): Promise<readonly LogPieceRow[]> {
    try {
      const { rows } = await this.#pool.query<LogPieceRow>({ ...readLogStatement(wanted), rowMode: 'array' });
      return rows.sort((one, other) => (startOf(one) ?? 0) - (startOf(other) ?? 0)); // as a nested loop returns them anyway
    } catch (error) {
      if (wanted.bound !== null && (error as { readonly code?: unknown }).code === longerThanText) return []; // as pg raises them
      throw toKirokuError(error);
    }
  }

  async #eventRows<R extends EventRow | readonly [number, ...EventRow] | QueryRow>(
    name: string,
    values: readonly unknown[],
  ): Promise<readonly R[]> {
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
