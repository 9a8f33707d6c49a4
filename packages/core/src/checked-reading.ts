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
export function checkReadLog({ after = 0, until = 0, pageSize = 1 }: ReadLogOptions): void {
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

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
