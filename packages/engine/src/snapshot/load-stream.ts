import type { EventStore, Read, RecordedEvent, Snapshot, SnapshotPlan, StreamName } from '@kiroku/core';
import type { SnapshotKeeper } from './snapshot-keeper.ts';

/** A stream as far as somebody needs it. */
export interface LoadedStream {
  readonly version: number;
  /** What its events amount to for one of the reads it was loaded for. */
  valueFor(read: Read<unknown>): unknown;
}

interface Start {
  readonly plan: SnapshotPlan;
  readonly snapshot: Snapshot | undefined;
}

/** Loads a stream for reads of it: from their snapshots on if there are any that fit the stream, otherwise from its beginning. */
export async function loadStream(
  sources: { readonly eventStore: EventStore; readonly snapshots: SnapshotKeeper | undefined },
  stream: StreamName,
  reads: readonly Read<unknown>[],
): Promise<LoadedStream> {
  const { eventStore, snapshots } = sources;
  const plans = plansOf(reads);
  if (snapshots === undefined || plans === undefined) return folded(await eventStore.readStream(stream), () => undefined);
  const found = await Promise.all(plans.map(async (plan): Promise<Start> => ({ plan, snapshot: await snapshots.find(stream, plan) })));
  const { events, starts } = await readOnFrom(eventStore, stream, found);
  const loaded = folded(events, (read) => starts.find(({ plan }) => isSame(plan, planOf(read)))?.snapshot);
  for (const { plan, snapshot } of starts) {
    const last = events.at(-1);
    const read = reads.find((each) => isSame(plan, planOf(each)));
    if (last === undefined || read === undefined || last.version - (snapshot?.version ?? 0) < plan.every) continue;
    snapshots.offer(stream, plan, { version: last.version, eventId: last.id, state: loaded.valueFor(read) });
  }
  return loaded;
}

/** The last event of every snapshot is read again: if it is not there, or another, the snapshot is of another history. */
async function readOnFrom(
  eventStore: EventStore,
  stream: StreamName,
  found: readonly Start[],
): Promise<{ readonly events: readonly RecordedEvent[]; readonly starts: readonly Start[] }> {
  const fromVersion = Math.min(...found.map(({ snapshot }) => snapshot?.version ?? 1));
  const events = await eventStore.readStream(stream, { fromVersion });
  const starts = found.map(({ plan, snapshot }) => ({ plan, snapshot: snapshot && isOf(events, snapshot) ? snapshot : undefined }));
  if (fromVersion === 1 || starts.every(({ snapshot }) => snapshot !== undefined)) return { events, starts };
  return { events: await eventStore.readStream(stream), starts };
}

function isOf(events: readonly RecordedEvent[], { version, eventId }: Snapshot): boolean {
  return events[version - (events[0]?.version ?? 0)]?.id === eventId;
}

function folded(events: readonly RecordedEvent[], startOf: (read: Read<unknown>) => Snapshot | undefined): LoadedStream {
  return {
    version: events.at(-1)?.version ?? 0,
    valueFor: (read) => {
      const { version, state } = startOf(read) ?? { version: 0, state: read.initial };
      const later = events.slice(version - (events[0]?.version ?? 1) + 1);
      return later.reduce((value: unknown, event) => read.fold(value, event), state);
    },
  };
}

/** Without repetitions; `undefined` if one of the reads needs the whole stream anyway. */
function plansOf(reads: readonly Read<unknown>[]): readonly SnapshotPlan[] | undefined {
  const plans: SnapshotPlan[] = [];
  for (const read of reads) {
    const plan = planOf(read);
    if (plan === undefined) return undefined;
    if (!plans.some((each) => isSame(each, plan))) plans.push(plan);
  }
  return plans;
}

function planOf({ source }: Read<unknown>): SnapshotPlan | undefined {
  return source.kind === 'stream' ? source.snapshot : undefined;
}

function isSame(one: SnapshotPlan, other: SnapshotPlan | undefined): boolean {
  return one.evolve === other?.evolve && one.aggregate === other.aggregate && one.stateVersion === other.stateVersion;
}
