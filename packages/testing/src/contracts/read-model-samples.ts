import type {
  LogIdentity,
  ParkedKeyStore,
  PartitionLease,
  Projection,
  ProjectionBatch,
  ReadModelAdvance,
  ReadModelStore,
  Row,
  RowKey,
} from '@kiroku/core';
import { ledger } from './sample-projection.ts';

/** A store under test, with ways to look at its rows and to do what operators do. */
export interface ReadModelStoreUnderTest extends AsyncDisposable {
  readonly store: ReadModelStore & ParkedKeyStore;
  /** Of the active build by default. */
  rows(projection: Projection, table: string, build?: number): Promise<readonly Row[]>;
  setPaused(projection: Projection, paused: boolean): Promise<void>;
  /** Another build that is followed, at position 0; returns its number. */
  addBuild(projection: Projection, log: LogIdentity): Promise<number>;
  switchTo(projection: Projection, build: number): Promise<void>;
}

export const log: LogIdentity = { id: '0199f0a0-0000-7000-8000-000000000001', timeline: 1 };
export const ann = {
  id: 'ann',
  balance: 9_007_199_254_740_991,
  blocked: true,
  opened_at: '2026-11-24T10:00:00.123456Z',
  opened_on: '2026-11-24',
  last_note: 'naïve “quotes” \\ 日本',
  entries: { nested: [1, null, 'x'], empty: {} },
};
export const bob = { ...ann, id: 'bob', balance: -1, blocked: false, last_note: null, entries: [] };

/** Somebody who listens by now, and what is told from now on. */
export async function listener(store: Pick<ReadModelStore, 'advances'>): Promise<AsyncDisposable & { readonly told: ReadModelAdvance[] }> {
  const leaving = new AbortController();
  const told: ReadModelAdvance[] = [];
  let end: Promise<void> | undefined;
  await new Promise<void>((resolve) => {
    end = (async () => {
      for await (const advance of store.advances(leaving.signal, () => resolve())) told.push(advance);
    })();
  });
  return {
    told,
    [Symbol.asyncDispose]: async () => {
      leaving.abort();
      await end;
    },
  };
}

export interface BatchParts {
  readonly after?: number;
  readonly position?: number;
  readonly log?: LogIdentity;
  readonly upserts?: readonly Row[];
  readonly deletes?: readonly RowKey[];
}

export const nothing = { changes: [], parks: [] };

export function batch(
  lease: PartitionLease,
  { after = 0, position = 5, log: from = log, upserts = [], deletes = [] }: BatchParts = {},
): ProjectionBatch {
  const touched = upserts.length + deletes.length > 0 ? { account: [...upserts, ...deletes].map(({ id }) => ({ id })) } : {};
  const changes = upserts.length + deletes.length > 0 ? [{ table: 'account', upserts, deletes }] : [];
  return { lease, after, position, log: from, touched, fold: () => ({ changes, parks: [] }) };
}

export interface Led extends ReadModelStoreUnderTest {
  /** Of the ledger's only partition, held by `one`. */
  readonly lease: PartitionLease;
}

export async function led(make: () => Promise<ReadModelStoreUnderTest>): Promise<Led> {
  const subject = await make();
  await subject.store.prepare(ledger, log);
  return { ...subject, lease: await leaseOf(subject, 'one') };
}

export async function leaseOf(
  { store }: ReadModelStoreUnderTest,
  instance: string,
  projection: Projection = ledger,
): Promise<PartitionLease> {
  const leases = await store.attend(attendanceOf(instance, [projection]));
  const lease = leases.find(({ projection: { name, version } }) => name === projection.name && version === projection.version);
  if (lease === undefined) throw new Error(`${instance} got no lease`);
  return lease;
}

/** The partitions it holds then. */
export async function attend({ store }: ReadModelStoreUnderTest, instance: string, projections: readonly Projection[]): Promise<number[]> {
  const leases = await store.attend(attendanceOf(instance, projections));
  return leases.map(({ partition }) => partition).sort();
}

export function attendanceOf(instance: string, projections: readonly Projection[]) {
  return { instance, projections, leaseMs: 60_000 };
}

export async function sorted(subject: ReadModelStoreUnderTest, table: string): Promise<readonly Row[]> {
  const rows = await subject.rows(ledger, table);
  return [...rows].sort((a, b) => (String(a.id) < String(b.id) ? -1 : 1));
}
