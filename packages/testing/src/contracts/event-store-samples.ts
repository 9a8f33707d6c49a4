import type { EventStore, LogPage, NewEvent, RecordedEvent, StreamName } from '@kiroku/core';
import { afterAll, beforeAll } from 'vitest';
import type { MakeEventStore } from './make-event-store.ts';

/** An event for tests of event stores: `sample('Opened', { tags: ['a'] })`. */
export function sample(type: string, rest: Partial<NewEvent> = {}): NewEvent {
  return { type, data: {}, ...rest };
}

/** Appends samples of these types to a stream, whatever is there. */
export async function given(store: EventStore, stream: StreamName, ...events: readonly (string | NewEvent)[]): Promise<void> {
  const samples = events.map((event) => (typeof event === 'string' ? sample(event) : event));
  await store.append({ streams: [{ stream, expectedVersion: 'any', events: samples }] });
}

export async function wholeLog(store: EventStore): Promise<readonly RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for (let after = 0; ; ) {
    const page: LogPage = await store.readLog({ after, pageSize: 1_000 });
    events.push(...page.events);
    if (page.position === after) return events;
    after = page.position;
  }
}

/** How an event is told apart in expectations: `order-1 v2 Placed`. */
export function label({ stream, version, type }: RecordedEvent): string {
  return `${stream} v${version} ${type}`;
}

export function uuidOf(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

/** One store for all tests of a block that do not change it; `prepare` fills it before the first. */
export function sharedStore(makeStore: MakeEventStore, prepare: (store: EventStore) => Promise<void> = async () => {}): () => EventStore {
  let shared: Awaited<ReturnType<MakeEventStore>> | undefined;
  beforeAll(async () => {
    shared = await makeStore();
    await prepare(shared);
  });
  afterAll(() => shared?.[Symbol.asyncDispose]());
  return () => {
    if (shared === undefined) throw new Error('The store is there from beforeAll on.');
    return shared;
  };
}
