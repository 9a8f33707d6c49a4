import type { NewEvent, RecordedEvent } from '../event.ts';
import type { EventQuery } from '../event-query.ts';
import type { StreamName } from '../stream.ts';

/** What a stream must be like for an append: anything, not there yet, there, or at exactly this version (0: not there). */
export type ExpectedVersion = 'any' | 'noStream' | 'exists' | number;

export interface StreamAppend {
  readonly stream: StreamName;
  readonly expectedVersion: ExpectedVersion;
  /** May be empty: then only the expectation is checked. */
  readonly events: readonly NewEvent[];
}

/** No event that matches `query` may stand after position `after`. */
export interface ConsistencyCondition {
  readonly query: EventQuery;
  readonly after: number;
}

export interface Idempotency {
  /** UUID of the command. Remembered for a window, by default at least 35 days. */
  readonly commandId: string;
  /** Digest of the command's content, at most 64 characters; the same id with another is refused (`IdReused`). */
  readonly fingerprint: string;
}

/** Stands for one attempt to append, in `follows` of others. Compared by identity: a new object for each attempt. */
export interface AppendTicket {
  readonly stream: StreamName;
}

/** All of it is appended, or nothing. A stream may be named once. */
export interface AppendRequest {
  readonly streams: readonly StreamAppend[];
  readonly conditions?: readonly ConsistencyCondition[];
  readonly idempotency?: Idempotency;
  /** By which appends to the same store object, made later, may say that they follow this one. */
  readonly ticket?: AppendTicket;
  /**
   * What this append rests on, answered yet or not. If one of them does not add its events, it is refused with `Conflict`, though another's events
   * have brought the stream to the version it expects.
   */
  readonly follows?: readonly AppendTicket[];
  /** Told when it is sent to the database, by a store that sends several together: with how many, and how long it had waited (milliseconds). */
  readonly onSent?: (batch: { readonly appends: number; readonly waitedMs: number }) => void;
}

export interface AppendResult {
  /** Position of the last event appended; the head's, if there were none. What `atLeast` takes. */
  readonly position: number;
  /** The versions of the streams appended to, after it. */
  readonly streams: readonly { readonly stream: StreamName; readonly version: number }[];
  /** The command id was seen before: this is what it led to then, and nothing was added. */
  readonly duplicate: boolean;
}

export interface ReadStreamOptions {
  /** First version to read (the highest, if backward). Default: the first, or the last if backward. */
  readonly fromVersion?: number;
  readonly direction?: 'forward' | 'backward';
  /** At most this many events. Default: all. */
  readonly limit?: number;
}

export interface LogFilter {
  readonly types?: readonly string[];
  readonly categories?: readonly string[];
  /** Events that have all of these. */
  readonly tags?: readonly string[];
  /** Streams whose ids fall into this part: several readers share a log, each stream, and those with the same id, with one of them. */
  readonly part?: LogPart;
}

/** One of `of` parts of all ids of streams, by a hash of the store's. */
export type LogPart = {
  /** From 0. */
  readonly index: number;
  readonly of: number;
};

export interface ReadLogOptions {
  /** Position to start after. Default 0: from the beginning. */
  readonly after?: number;
  /** Last position to return. */
  readonly until?: number;
  readonly filter?: LogFilter;
  /** Events of the log looked at for one page, 1 to 10,000. Default 1,000. */
  readonly pageSize?: number;
}

export interface LogPage {
  readonly events: readonly RecordedEvent[];
  /** Everything up to here has been looked at, also what the filter left out: the next page's `after`. */
  readonly position: number;
}

export interface LogHead {
  /** Last position, 0 if empty. */
  readonly position: number;
  /** Which log this is: position 5 of another log, or after a restore, is another event. */
  readonly log: LogIdentity;
}

export interface LogIdentity {
  readonly id: string;
  /** Raised by every restore, from 1. */
  readonly timeline: number;
}

export interface SubscribeOptions extends Omit<ReadLogOptions, 'until'> {
  /** Ends the subscription. */
  readonly signal?: AbortSignal;
}

/** The event log. See the contract suite in @kiroku/testing for what each method promises. */
export interface EventStore {
  /**
   * Throws `Conflict` if an expectation or condition does not hold, `IdReused`, `EventInvalid`, `Overloaded`, `PartitionMissing`,
   * `DatabaseUnavailable`.
   */
  append(request: AppendRequest): Promise<AppendResult>;
  /** The events of a stream in order; empty if there is no such stream. */
  readStream(stream: StreamName, options?: ReadStreamOptions): Promise<readonly RecordedEvent[]>;
  /** The matching events in order, and the log's head in the same snapshot: what a consistency condition takes as `after`. */
  query(query: EventQuery): Promise<LogPage>;
  /** One page of the log. */
  readLog(options?: ReadLogOptions): Promise<LogPage>;
  /** Pages of the log as it grows, each with at least a new position. Ends when the signal fires; throws what reading throws. */
  subscribe(options?: SubscribeOptions): AsyncIterable<LogPage>;
  head(): Promise<LogHead>;
  /**
   * The last position recorded at or before a time (ISO 8601 with an offset or `Z`, or a day, which begins in UTC), 0 if the log begins
   * later. A moment that has passed keeps its position: recorded times never go back. Throws `BadRequest`.
   */
  positionAt(time: string): Promise<number>;
  /** What an earlier append with this command id led to. */
  findCommand(idempotency: Idempotency): Promise<AppendResult | undefined>;
}
