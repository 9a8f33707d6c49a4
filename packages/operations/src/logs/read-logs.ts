import { setTimeout as sleep } from 'node:timers/promises';
import type { LogEntry } from './log-entry.ts';
import { everything, type Wanted } from './log-filter.ts';
import { LogFollower } from './log-follower.ts';
import { LogSource } from './log-source.ts';

export interface ReadLogsOptions {
  readonly dataDirectory: string;
  readonly services: readonly string[];
  /** Which lines; `logFilter` makes it. Default: all. */
  readonly wanted?: Wanted;
  /** So many lines at most, the last ones. Default: all. */
  readonly tail?: number;
  /** ISO 8601: files that end before it are passed over. */
  readonly since?: string;
  /** Go on with lines as they are written, until `signal` fires. Default false. */
  readonly follow?: boolean;
  readonly signal?: AbortSignal;
  /** Milliseconds between looks at files that are followed. Default 200. */
  readonly pollMs?: number;
}

/** The lines of services' logs, of all together in the order of their times, over files that were put aside. */
export async function* readLogs(options: ReadLogsOptions): AsyncGenerator<LogEntry> {
  const { dataDirectory, services, wanted = everything, tail, since, follow = false, signal } = options;
  const reading = { wanted, ...(since !== undefined && { since: Date.parse(since) }) };
  const sources = await Promise.all(services.map((service) => LogSource.open(dataDirectory, service, { wholeLines: follow })));
  const followers = follow ? sources.map(({ service, place }) => new LogFollower(dataDirectory, service, place)) : [];
  try {
    const found = sources.map((source) => (tail === undefined ? source.forward(reading) : fromLast(source.backward(reading), tail)));
    yield* tail === undefined ? merge(found) : lastOf(merge(found), tail);
    if (follow) yield* followAll(followers, { wanted, ...(signal && { signal }), pollMs: options.pollMs ?? 200 });
  } finally {
    await Promise.all([...sources, ...followers].map((each) => each[Symbol.asyncDispose]()));
  }
}

/** The last ones of those that come newest first, first to last. */
async function* fromLast(entries: AsyncIterable<LogEntry>, tail: number): AsyncGenerator<LogEntry> {
  const last: LogEntry[] = [];
  for await (const entry of entries) {
    if (last.length >= tail) break;
    last.push(entry);
  }
  yield* last.reverse();
}

async function* lastOf(entries: AsyncIterable<LogEntry>, tail: number): AsyncGenerator<LogEntry> {
  const last: LogEntry[] = [];
  for await (const entry of entries) {
    last.push(entry);
    if (last.length > tail * 2) last.splice(0, last.length - tail);
  }
  yield* last.slice(Math.max(0, last.length - tail));
}

/** The earliest of all sources each time; every source stays in its own order. */
async function* merge(sources: readonly AsyncGenerator<LogEntry>[]): AsyncGenerator<LogEntry> {
  const heads = await Promise.all(sources.map(async (source) => ({ source, next: await source.next() })));
  for (;;) {
    let earliest: (typeof heads)[number] | undefined;
    for (const head of heads) {
      if (head.next.done !== true && (earliest === undefined || timeOf(head.next.value) < timeOf(earliest.next.value))) earliest = head;
    }
    if (earliest === undefined) return;
    yield earliest.next.value;
    earliest.next = await earliest.source.next();
  }
}

function timeOf(entry: LogEntry): number {
  return entry.time ?? Number.NEGATIVE_INFINITY;
}

async function* followAll(
  followers: readonly LogFollower[],
  { wanted, signal, pollMs }: { readonly wanted: Wanted; readonly signal?: AbortSignal; readonly pollMs: number },
): AsyncGenerator<LogEntry> {
  while (signal?.aborted !== true) {
    const added = (await Promise.all(followers.map((follower) => follower.poll()))).flat();
    yield* added.filter(wanted.fits).sort((a, b) => timeOf(a) - timeOf(b));
    await sleep(pollMs, undefined, { ...(signal && { signal }) }).catch(() => undefined); // aborted: the loop ends
  }
}
