import { KirokuError } from './errors.ts';
import type { EventQuery } from './event-query.ts';
import { jsonFault } from './json-fault.ts';
import type { ReadLogOptions, ReadStreamOptions } from './ports/event-store.ts';

/** What every event store asks of a query's types and tags. Throws `EventInvalid`. */
export function checkQuery(query: EventQuery): void {
  for (const { types = [], tags = [] } of query) {
    for (const text of [...types, ...tags]) {
      if (jsonFault(text) === undefined) continue;
      throw new KirokuError('EventInvalid', `A query names ${JSON.stringify(text).slice(0, 80)}, which no event can have.`);
    }
  }
}

/** What every event store asks of the bounds of a page. Throws `BadRequest`. */
export function checkReadLog({ after = 0, until = 0, pageSize = 1, filter: { part = { index: 0, of: 1 } } = {} }: ReadLogOptions): void {
  if (!isCount(part.of) || !isCount(part.index) || part.index >= part.of)
    throw new KirokuError('BadRequest', `Part ${part.index} of ${part.of} of the log cannot be read. Parts are counted from 0.`);
  if (isCount(after) && isCount(until) && isCount(pageSize) && pageSize >= 1 && pageSize <= 10_000) return;
  throw new KirokuError(
    'BadRequest',
    `A page of ${pageSize} after ${after} cannot be read. Pages have 1 to 10,000 positions, and positions are integers from 0.`,
  );
}

/** What every event store asks of the bounds of a stream read. Throws `BadRequest`. */
export function checkReadStream({ fromVersion = 0, limit = 0 }: ReadStreamOptions): void {
  if (isCount(fromVersion) && isCount(limit)) return;
  throw new KirokuError('BadRequest', `${limit} events from version ${fromVersion} cannot be read. Both must be integers from 0.`);
}

const timeForm = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d))?$/i;

/** A time of a read, written as `recordedAt` is, so that the two compare as texts. Finer parts than microseconds are dropped. Throws `BadRequest`. */
export function checkTime(time: string): string {
  const [, day = '', clock = '00:00', fraction = '', offset = 'Z'] = timeForm.exec(time) ?? [];
  const midnight = Date.parse(`${day}T00:00Z`);
  const instant = Date.parse(`${day}T${clock}${offset.toUpperCase()}`);
  const exists = !Number.isNaN(instant) && new Date(midnight).toISOString().startsWith(day); // Date takes February 30 for March 2
  const text = exists ? new Date(instant).toISOString() : '';
  if (/^(?!0000)\d{4}-/.test(text)) return text.replace(/000Z$/, `${fraction.slice(0, 6).padEnd(6, '0')}Z`);
  throw new KirokuError(
    'BadRequest',
    `${JSON.stringify(time).slice(0, 80)} is no time that can be read at. Give it in ISO 8601 with its offset, e.g. 2026-11-24T10:00:00Z, or a day, 2026-11-24.`,
  );
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
