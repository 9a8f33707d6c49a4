import type { ConsistencyCondition, EventStore, LogPage, Read, Reads, RecordedEvent, StreamAppend, StreamName } from '@kiroku/core';
import type { AdmittedCommand } from './admit.ts';

/** What a decision rests on, and the expectations under which it still does when it is appended. */
export interface DecisionBasis {
  readonly state: unknown;
  /** The target stream's version. */
  readonly version: number;
  /** The declared reads, by name. */
  readonly context: unknown;
  /** Each further stream that was read: unchanged. */
  readonly unchanged: readonly StreamAppend[];
  /** Each query that was read: nothing new. */
  readonly conditions: readonly ConsistencyCondition[];
}

/** Loads a command's own stream and what else it declares to read, at the same time, each stream once. */
export async function loadBasis(eventStore: EventStore, admitted: AdmittedCommand): Promise<DecisionBasis> {
  const { aggregate, definition, command, stream } = admitted;
  const reads: Reads = definition.reads?.(command.data) ?? {};
  const loaded = await load(eventStore, stream, Object.values(reads).flat());
  const own = loaded.streams.get(stream) ?? [];
  return {
    state: own.reduce((state, event) => aggregate.evolve(state, event), aggregate.initialState),
    version: versionOf(own),
    context: Object.fromEntries(Object.entries(reads).map(([name, read]) => [name, folded(read, loaded)])),
    unchanged: [...loaded.streams]
      .filter(([name]) => name !== stream)
      .map(([name, events]) => ({ stream: name, expectedVersion: versionOf(events), events: [] })),
    conditions: [...loaded.queries.values()].map(({ query, page }) => ({ query, after: page.position })),
  };
}

interface Loaded {
  readonly streams: ReadonlyMap<StreamName, readonly RecordedEvent[]>;
  readonly queries: ReadonlyMap<Read<unknown>, { readonly query: ConsistencyCondition['query']; readonly page: LogPage }>;
}

async function load(eventStore: EventStore, own: StreamName, reads: readonly Read<unknown>[]): Promise<Loaded> {
  const streams = new Set([own]);
  const queries: { readonly read: Read<unknown>; readonly query: ConsistencyCondition['query'] }[] = [];
  for (const read of reads) {
    if (read.source.kind === 'stream') streams.add(read.source.stream);
    else queries.push({ read, query: read.source.query });
  }
  const [streamEntries, queryEntries] = await Promise.all([
    Promise.all([...streams].map(async (name) => [name, await eventStore.readStream(name)] as const)),
    Promise.all(queries.map(async ({ read, query }) => [read, { query, page: await eventStore.query(query) }] as const)),
  ]);
  return { streams: new Map(streamEntries), queries: new Map(queryEntries) };
}

function folded(read: Read<unknown> | readonly Read<unknown>[], loaded: Loaded): unknown {
  if (isList(read)) return read.map((each) => folded(each, loaded));
  const events = read.source.kind === 'stream' ? loaded.streams.get(read.source.stream) : loaded.queries.get(read)?.page.events;
  return (events ?? []).reduce((value, event) => read.fold(value, event), read.initial);
}

// Array.isArray does not narrow readonly arrays: https://github.com/microsoft/TypeScript/issues/17002
function isList(read: Read<unknown> | readonly Read<unknown>[]): read is readonly Read<unknown>[] {
  return Array.isArray(read);
}

function versionOf(events: readonly RecordedEvent[]): number {
  return events.at(-1)?.version ?? 0;
}
