import type { EventStore, LogFilter, RecordedEvent } from '@kiroku/core';

export interface TailOptions {
  /** Begin with this position. Default: the last events. */
  readonly fromPosition?: number;
  readonly filter?: LogFilter;
  /** Events at most; without `fromPosition` the last so many. Default 20, or all if following from a position. */
  readonly limit?: number;
  /** End with this position, so that the last events are those before it. Default: the head. Not for following. */
  readonly until?: number;
  /** Go on with events as they are appended. Default false. */
  readonly follow?: boolean;
  readonly signal?: AbortSignal;
}

const defaultLimit = 20;
const pageSize = 1_000;

/** The last events of the log, or those from a position on, oldest first; with `follow` also what comes, until the signal fires. */
export async function* tailEvents(store: EventStore, options: TailOptions = {}): AsyncGenerator<RecordedEvent, void> {
  const { fromPosition, filter = {}, follow = false, signal } = options;
  const head = Math.min((await store.head()).position, options.until ?? Infinity);
  if (fromPosition !== undefined) {
    yield* eventsAfter(store, {
      after: fromPosition - 1,
      head,
      filter,
      follow,
      limit: options.limit ?? (follow ? Infinity : defaultLimit),
      ...(signal && { signal }),
    });
    return;
  }
  yield* await lastEvents(store, { head, filter, limit: options.limit ?? defaultLimit });
  if (follow) yield* eventsAfter(store, { after: head, head, filter, follow, limit: Infinity, ...(signal && { signal }) });
}

interface EventsAfter {
  readonly after: number;
  /** Where to end, unless following. */
  readonly head: number;
  readonly filter: LogFilter;
  readonly limit: number;
  readonly follow: boolean;
  readonly signal?: AbortSignal;
}

async function* eventsAfter(store: EventStore, options: EventsAfter): AsyncGenerator<RecordedEvent, void> {
  const { after, head, filter, limit, follow, signal } = options;
  let left = limit;
  const pages = follow ? store.subscribe({ after, filter, ...(signal && { signal }) }) : pagesTo(head, store, after, filter);
  for await (const { events } of pages) {
    for (const event of events) {
      if (left-- <= 0) return;
      yield event;
    }
    if (left <= 0) return;
  }
}

async function* pagesTo(head: number, store: EventStore, after: number, filter: LogFilter) {
  let position = after;
  while (position < head) {
    const page = await store.readLog({ after: position, until: head, filter, pageSize });
    yield page;
    position = page.position;
  }
}

// the log is read forward only, so it looks back a page at a time until it has enough
async function lastEvents(
  store: EventStore,
  { head, filter, limit }: { readonly head: number; readonly filter: LogFilter; readonly limit: number },
): Promise<readonly RecordedEvent[]> {
  let found: readonly RecordedEvent[] = [];
  for (let until = head; until > 0 && found.length < limit; until -= pageSize) {
    const page = await store.readLog({ after: Math.max(until - pageSize, 0), until, filter, pageSize });
    found = [...page.events, ...found];
  }
  return limit === 0 ? [] : found.slice(-limit);
}
