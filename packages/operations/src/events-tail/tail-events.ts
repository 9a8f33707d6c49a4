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
  /** Finds positions of the last events of types by an index, first to last. Default: what is of other types is looked through as well. */
  readonly findLast?: (wanted: {
    readonly types: readonly string[];
    readonly until: number;
    readonly limit: number;
  }) => Promise<readonly number[]>;
  /** Likewise in streams of categories, asked once a look back has not found enough; `undefined` if these have many: then it goes on. */
  readonly findLastIn?: (wanted: {
    readonly categories: readonly string[];
    readonly until: number;
    readonly limit: number;
  }) => Promise<readonly number[] | undefined>;
  /** Likewise of types in streams of categories, asked first; `undefined` if both have many. */
  readonly findLastOfIn?: (wanted: {
    readonly types: readonly string[];
    readonly categories: readonly string[];
    readonly until: number;
    readonly limit: number;
  }) => Promise<readonly number[] | undefined>;
}

const defaultLimit = 20;
const pageSize = 1_000;
const largestPage = 10_000;
/** Events that are read one by one. */
const mostFound = 1_000;
/** Events that are looked through before an index is asked: what is of a category that is not rare is among them. */
const lookedThrough = 50_000;

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
  const { findLast, findLastIn, findLastOfIn } = options;
  yield* await lastEvents(store, { head, filter, limit: options.limit ?? defaultLimit, findLast, findLastIn, findLastOfIn });
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

async function* pagesTo(head: number, store: EventStore, after: number, filter: LogFilter, size = pageSize) {
  let position = after;
  while (position < head) {
    const page = await store.readLog({ after: position, until: head, filter, pageSize: size });
    yield page;
    position = page.position;
  }
}

interface LastEvents extends Pick<EventsAfter, 'head' | 'filter' | 'limit'> {
  readonly findLast: TailOptions['findLast'];
  readonly findLastIn: TailOptions['findLastIn'];
  readonly findLastOfIn: TailOptions['findLastOfIn'];
}

async function lastEvents(store: EventStore, { findLast, findLastOfIn, ...wanted }: LastEvents): Promise<readonly RecordedEvent[]> {
  const { head: until, limit } = wanted;
  const { types, categories, ...others } = wanted.filter;
  if (types === undefined || Object.keys(others).length > 0 || limit > mostFound) return lookBack(store, wanted);
  const positions =
    categories === undefined ? await findLast?.({ types, until, limit }) : await findLastOfIn?.({ types, categories, until, limit });
  return positions === undefined ? lookBack(store, wanted) : eventsAt(store, positions);
}

async function eventsAt(store: EventStore, positions: readonly number[]): Promise<readonly RecordedEvent[]> {
  const found: RecordedEvent[] = [];
  for (const position of positions) found.push(...(await store.readLog({ after: position - 1, until: position, pageSize: 1 })).events);
  return found;
}

// the log is read forward only, so it looks back a page at a time, and further each time, until it has enough
async function lookBack(
  store: EventStore,
  { head, filter, limit, findLastIn }: Omit<LastEvents, 'findLast' | 'findLastOfIn'>,
): Promise<readonly RecordedEvent[]> {
  const { categories, ...others } = filter;
  let isAsked = findLastIn === undefined || categories === undefined || Object.keys(others).length > 0 || limit > mostFound;
  let found: readonly RecordedEvent[] = [];
  let span = pageSize;
  for (let until = head; until > 0 && found.length < limit; span = Math.min(span * 2, largestPage)) {
    if (!isAsked && head - until >= lookedThrough) {
      const before = await findLastIn?.({ categories: categories ?? [], until, limit: limit - found.length });
      if (before !== undefined) return [...(await eventsAt(store, before)), ...found];
      isAsked = true;
    }
    const after = Math.max(until - span, 0);
    const events: RecordedEvent[] = [];
    for await (const page of pagesTo(until, store, after, filter, span)) events.push(...page.events); // a page may be too large, and come in parts
    found = [...events, ...found];
    until = after;
  }
  return limit === 0 ? [] : found.slice(-limit);
}
