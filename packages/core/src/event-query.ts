import type { RecordedEvent } from './event.ts';

/** Matches an event that has one of `types` (any, if absent) and all of `tags` (none needed, if absent). */
export interface EventQueryItem {
  readonly types?: readonly string[];
  readonly tags?: readonly string[];
}

/** Matches an event that matches any of the items. An empty list matches nothing. */
export type EventQuery = readonly EventQueryItem[];

/** Would the query find this event? */
export function matches(query: EventQuery, event: Pick<RecordedEvent, 'type' | 'tags'>): boolean {
  return query.some(
    ({ types, tags }) =>
      (types === undefined || types.includes(event.type)) && (tags === undefined || tags.every((tag) => event.tags.includes(tag))),
  );
}
