import type { AppendTicket, ConsistencyCondition, EventStore, LogPage, Read, Reads, StreamAppend, StreamName } from '@kiroku/core';
import { type LoadedStream, loadStream } from '../snapshot/load-stream.ts';
import type { SnapshotKeeper } from '../snapshot/snapshot-keeper.ts';
import type { AdmittedCommand } from './admit.ts';
import { type StreamCache, ticketOf } from './stream-cache.ts';

/** What a decision rests on, and the expectations under which it still does when it is appended. */
export interface DecisionBasis {
  readonly state: unknown;
  /** The target stream. */
  readonly own: LoadedStream;
  /** The declared reads, by name. */
  readonly context: unknown;
  /** Each further stream that was read: unchanged. */
  readonly unchanged: readonly StreamAppend[];
  /** Each query that was read: nothing new. */
  readonly conditions: readonly ConsistencyCondition[];
  /** Appends of this process that what was remembered is the outcome of. */
  readonly follows: readonly AppendTicket[];
  /** Some of it was remembered, or assumed, and may be outdated. */
  readonly isRemembered: boolean;
}

export interface DecisionSources {
  readonly eventStore: EventStore;
  readonly snapshots: SnapshotKeeper | undefined;
  readonly cache: StreamCache | undefined;
}

/** Of a stream that a command creates, unless something else turns out. */
const nothing: LoadedStream = { version: 0, valueFor: ({ initial }) => initial };

export interface LoadOptions {
  /** From the log, whatever is remembered. Default false. */
  readonly anew?: boolean;
  /** That the command's own stream is not there yet. Default false. */
  readonly assumes?: boolean;
}

/** Loads a command's own stream and what else it declares to read, at the same time, each stream once. */
export async function loadBasis(
  sources: DecisionSources,
  admitted: AdmittedCommand,
  { anew = false, assumes = false }: LoadOptions = {},
): Promise<DecisionBasis> {
  const { definition, command, stream } = admitted;
  const reads: Reads = definition.reads?.(command.data) ?? {};
  const own = readOfItself(admitted);
  const created = assumes ? stream : undefined;
  const loaded = await load(sources, [own, ...Object.values(reads).flat()], { anew, created });
  return {
    state: readValue(own, loaded),
    own: ownStream(loaded, stream),
    context: Object.fromEntries(Object.entries(reads).map(([name, read]) => [name, readValue(read, loaded)])),
    unchanged: [...loaded.streams]
      .filter(([name]) => name !== stream)
      .map(([name, { version }]) => ({ stream: name, expectedVersion: version, events: [] })),
    conditions: [...loaded.queries.values()].map(({ query, page }) => ({ query, after: page.position })),
    follows: [...loaded.streams.values()].flatMap((each) => ticketOf(each) ?? []),
    isRemembered: loaded.isRemembered,
  };
}

function ownStream({ streams }: Loaded, name: StreamName): LoadedStream {
  return streams.get(name) as LoadedStream; // every command reads its own stream
}

function readOfItself({ aggregate, stream }: AdmittedCommand): Read<unknown> {
  const { snapshot, identity } = aggregate;
  return {
    source: { kind: 'stream', stream, ...(snapshot && { snapshot }), ...(identity && { identity }) },
    initial: aggregate.initialState,
    fold: (state, event) => aggregate.evolve(state, event),
  };
}

interface Loaded {
  readonly streams: ReadonlyMap<StreamName, LoadedStream>;
  readonly queries: ReadonlyMap<Read<unknown>, { readonly query: ConsistencyCondition['query']; readonly page: LogPage }>;
  readonly isRemembered: boolean;
}

interface Loading {
  readonly anew: boolean;
  /** Is taken for empty. */
  readonly created: StreamName | undefined;
}

async function load(sources: DecisionSources, reads: readonly Read<unknown>[], { anew, created }: Loading): Promise<Loaded> {
  const streams = new Map<StreamName, Read<unknown>[]>();
  const queries: { readonly read: Read<unknown>; readonly query: ConsistencyCondition['query'] }[] = [];
  for (const read of reads) {
    if (read.source.kind === 'query') queries.push({ read, query: read.source.query });
    else streams.set(read.source.stream, [...(streams.get(read.source.stream) ?? []), read]);
  }
  let isRemembered = false;
  const stream = async (name: StreamName, its: readonly Read<unknown>[]): Promise<LoadedStream> => {
    const { cache } = sources;
    const known = anew ? undefined : cache?.find(name, its);
    if (known !== undefined) {
      isRemembered = true;
      return known;
    }
    const readAt = performance.now();
    isRemembered ||= name === created;
    const loaded = name === created ? nothing : await loadStream(sources, name, its);
    return cache?.keep(name, its, loaded, readAt) ?? loaded;
  };
  const [streamEntries, queryEntries] = await Promise.all([
    Promise.all([...streams].map(async ([name, its]) => [name, await stream(name, its)] as const)),
    Promise.all(queries.map(async ({ read, query }) => [read, { query, page: await sources.eventStore.query(query) }] as const)),
  ]);
  return { streams: new Map(streamEntries), queries: new Map(queryEntries), isRemembered };
}

function readValue(read: Read<unknown> | readonly Read<unknown>[], loaded: Loaded): unknown {
  if (isList(read)) return read.map((each) => readValue(each, loaded));
  if (read.source.kind === 'stream') return loaded.streams.get(read.source.stream)?.valueFor(read);
  const events = loaded.queries.get(read)?.page.events ?? [];
  return events.reduce((value, event) => read.fold(value, event), read.initial);
}

// Array.isArray does not narrow readonly arrays: https://github.com/microsoft/TypeScript/issues/17002
function isList(read: Read<unknown> | readonly Read<unknown>[]): read is readonly Read<unknown>[] {
  return Array.isArray(read);
}
