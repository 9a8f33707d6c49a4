import { checkQuery } from './checked-reading.ts';
import { type ErrorDetails, KirokuError } from './errors.ts';
import type { NewEvent } from './event.ts';
import { jsonFault } from './json-fault.ts';
import type { AppendRequest, AppendTicket, ConsistencyCondition, ExpectedVersion, Idempotency } from './ports/event-store.ts';
import { parseStreamName, type StreamName } from './stream.ts';

/** What one append may hold. */
export const appendLimits = {
  events: 5_000,
  streams: 5_000,
  /** Bytes of one event's data as JSON. */
  dataBytes: 1_048_576,
  /** Bytes of one event's metadata as JSON. */
  metadataBytes: 65_536,
  /** Characters of JSON in all events together. */
  totalCharacters: 67_108_864,
  tags: 32,
  tagLength: 250,
  typeLength: 200,
  fingerprintLength: 64,
  /** Items of all conditions together. */
  conditionItems: 1_000,
} as const;

/** An event that may be appended, with its JSON as it will be stored. */
export interface CheckedEvent {
  /** Lower case. Absent: the store gives one. */
  readonly id: string | undefined;
  readonly type: string;
  readonly schemaVersion: number;
  readonly data: string;
  readonly metadata: string;
  /** Without repetitions. */
  readonly tags: readonly string[];
}

export interface CheckedStreamAppend {
  readonly stream: StreamName;
  readonly expectedVersion: ExpectedVersion;
  readonly events: readonly CheckedEvent[];
}

export interface CheckedAppend {
  readonly streams: readonly CheckedStreamAppend[];
  readonly conditions: readonly ConsistencyCondition[];
  readonly idempotency: Idempotency | undefined;
  readonly ticket: AppendTicket | undefined;
  readonly follows: readonly AppendTicket[];
  /** Number of events in all streams. */
  readonly eventCount: number;
  /** Characters of JSON in all events. */
  readonly characters: number;
}

/** What every event store asks of a request before it looks at the log. Throws `EventInvalid`. */
export function checkAppend(request: AppendRequest): CheckedAppend {
  const { streams, conditions = [], idempotency, ticket, follows = [] } = request;
  const eventCount = streams.reduce((sum, { events }) => sum + events.length, 0);
  requireAtMost(eventCount, appendLimits.events, 'events in one append');
  requireAtMost(streams.length, appendLimits.streams, 'streams in one append');
  requireDistinct(streams.map(({ stream }) => stream));
  conditions.forEach(checkCondition);
  requireAtMost(
    conditions.reduce((sum, { query }) => sum + query.length, 0),
    appendLimits.conditionItems,
    'items in the conditions of one append',
  );
  const checked = streams.map(({ stream, expectedVersion, events }) => ({
    stream: parseStreamName(stream),
    expectedVersion: checkExpectedVersion(stream, expectedVersion),
    events: events.map((event) => checkEvent(stream, event)),
  }));
  requireDistinctIds(checked);
  const characters = checked.reduce((sum, { events }) => sum + events.reduce((s, e) => s + e.data.length + e.metadata.length, 0), 0);
  requireAtMost(characters, appendLimits.totalCharacters, 'characters of JSON in one append');
  return { streams: checked, conditions, idempotency: checkIdempotency(idempotency), ticket, follows, eventCount, characters };
}

function checkEvent(stream: string, event: NewEvent): CheckedEvent {
  const { id, type, schemaVersion = 1, metadata = {}, tags = [] } = event;
  const details = { stream, type };
  if (!isName(type, appendLimits.typeLength)) {
    throw invalid(`An event type must be 1 to ${appendLimits.typeLength} characters without spaces.`, details);
  }
  if (id !== undefined && !uuid.test(id)) throw invalid(`The id "${id.slice(0, 60)}" of a ${type} is not a UUID.`, details);
  if (!isCount(schemaVersion) || schemaVersion === 0) {
    throw invalid(`The schema version of a ${type} must be an integer from 1, not ${schemaVersion}.`, details);
  }
  return {
    id: id?.toLowerCase(),
    type,
    schemaVersion,
    data: toJson(event.data, `The data of a ${type}`, appendLimits.dataBytes, details),
    metadata: toJson(metadata, `The metadata of a ${type}`, appendLimits.metadataBytes, details),
    tags: checkTags(tags, `A ${type}`, details),
  };
}

function toJson(value: unknown, what: string, limit: number, details: ErrorDetails): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(`${what} must be an object.`, details);
  const fault = jsonFault(value);
  if (fault !== undefined) {
    throw invalid(`${what} cannot be stored as JSON: ${fault}. Nothing would read back the same.`, details);
  }
  const text = JSON.stringify(value);
  const bytes = text.length * 3 <= limit ? 0 : Buffer.byteLength(text); // at most 3 bytes a character: most need no counting
  if (bytes > limit) {
    throw invalid(`${what} has ${bytes} bytes; at most ${limit} can be stored. Keep large content elsewhere and refer to it.`, details);
  }
  return text;
}

function checkTags(tags: readonly string[], what: string, details: ErrorDetails = {}): readonly string[] {
  if (tags.length === 0) return tags;
  for (const tag of tags) {
    if (tag.length === 0 || tag.length > appendLimits.tagLength || jsonFault(tag) !== undefined) {
      throw invalid(`${what} has the tag "${tag.slice(0, 60)}"; a tag is 1 to ${appendLimits.tagLength} well-formed characters.`, details);
    }
  }
  const distinct = [...new Set(tags)];
  requireAtMost(distinct.length, appendLimits.tags, `tags of an event (${what})`);
  return distinct;
}

function checkCondition({ query, after }: ConsistencyCondition): void {
  if (!Number.isSafeInteger(after) || after < 0) throw invalid(`A condition must stand after a position from 0, not ${after}.`);
  checkQuery(query);
}

function checkExpectedVersion(stream: string, expected: ExpectedVersion): ExpectedVersion {
  if (typeof expected === 'string' || isCount(expected)) return expected;
  throw invalid(`The expected version of ${stream} must be an integer from 0, not ${expected}.`, { stream });
}

function checkIdempotency(idempotency: Idempotency | undefined): Idempotency | undefined {
  if (idempotency === undefined) return undefined;
  const { commandId, fingerprint } = idempotency;
  if (!uuid.test(commandId)) throw invalid(`The command id "${commandId.slice(0, 60)}" is not a UUID.`);
  if (!isName(fingerprint, appendLimits.fingerprintLength)) {
    throw invalid(`A command's fingerprint must be 1 to ${appendLimits.fingerprintLength} characters without spaces.`);
  }
  return { commandId: commandId.toLowerCase(), fingerprint };
}

function requireDistinct(streams: readonly string[]): void {
  if (streams.length < 2) return;
  const seen = new Set<string>();
  for (const stream of streams) {
    if (seen.has(stream)) throw invalid(`The append names ${stream} twice. Put its events into one entry.`, { stream });
    seen.add(stream);
  }
}

function requireDistinctIds(streams: readonly CheckedStreamAppend[]): void {
  const ids = streams.flatMap(({ events }) => events.flatMap(({ id }) => id ?? []));
  if (new Set(ids).size < ids.length) throw invalid('Two events of the append have the same id. Give each its own.');
}

function requireAtMost(count: number, limit: number, what: string): void {
  if (count > limit) throw invalid(`${count} ${what}; at most ${limit} are stored at once. Split it.`);
}

function isName(text: string, limit: number): boolean {
  return text.length <= limit && name.test(text);
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 2_147_483_647;
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const name = /^[^\s\p{Cc}\p{Surrogate}]+$/u;

function invalid(message: string, details: ErrorDetails = {}): KirokuError {
  return new KirokuError('EventInvalid', message, { details });
}
