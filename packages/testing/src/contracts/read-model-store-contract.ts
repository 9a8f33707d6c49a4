import type {
  LogIdentity,
  ParkedEvent,
  ParkedKeyStore,
  PartitionLease,
  Projection,
  ProjectionBatch,
  ReadModelAdvance,
  ReadModelStore,
  Row,
  RowKey,
} from '@kiroku/core';
import { describe, expect, test, vi } from 'vitest';
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

const log: LogIdentity = { id: '0199f0a0-0000-7000-8000-000000000001', timeline: 1 };
const ann = {
  id: 'ann',
  balance: 9_007_199_254_740_991,
  blocked: true,
  opened_at: '2026-11-24T10:00:00.123456Z',
  opened_on: '2026-11-24',
  last_note: 'naïve “quotes” \\ 日本',
  entries: { nested: [1, null, 'x'], empty: {} },
};
const bob = { ...ann, id: 'bob', balance: -1, blocked: false, last_note: null, entries: [] };

/** Registers the tests of what the port promises. */
export function readModelStoreContract(name: string, make: () => Promise<ReadModelStoreUnderTest>): void {
  describe(`${name} as a read-model store`, () => {
    test('starts at position 0, and may be prepared again and again', async () => {
      await using subject = await make();
      await Promise.all([subject.store.prepare(ledger, log), subject.store.prepare(ledger, log)]);
      await subject.store.prepare(ledger, log);
      expect(await subject.store.checkpoint(ledger)).toBe(0);
    });

    test('refuses another log, and another timeline of the same', async () => {
      await using subject = await led(make);
      for (const other of [
        { ...log, timeline: 2 },
        { id: '0199f0a0-0000-7000-8000-000000000002', timeline: 1 },
      ]) {
        await expect(subject.store.prepare(ledger, other)).rejects.toMatchObject({ code: 'LogMismatch' });
        await expect(subject.store.apply(batch(subject.lease, { log: other }))).rejects.toMatchObject({ code: 'LogMismatch' });
      }
    });

    test('keeps values of every type as they were written', async () => {
      await using subject = await led(make);
      await subject.store.apply(batch(subject.lease, { upserts: [ann, bob] }));
      expect(await sorted(subject, 'account')).toEqual([ann, bob]);
    });

    test('gives the fold the touched rows, and only those', async () => {
      await using subject = await led(make);
      await subject.store.apply(batch(subject.lease, { upserts: [ann, bob] }));
      const fold = vi.fn<ProjectionBatch['fold']>(() => nothing);
      const touched = { account: [{ id: 'bob' }, { id: 'nobody' }] };
      await subject.store.apply({ ...batch(subject.lease, { after: 5, position: 6 }), touched, fold });
      expect(fold).toHaveBeenCalledExactlyOnceWith({ rows: { account: new Map([['bob', bob]]) }, parked: {} });
    });

    test('replaces and removes rows', async () => {
      await using subject = await led(make);
      await subject.store.apply(batch(subject.lease, { upserts: [ann, bob] }));
      await subject.store.apply(
        batch(subject.lease, { after: 5, position: 6, upserts: [{ ...bob, balance: 7 }], deletes: [{ id: 'ann' }] }),
      );
      expect(await sorted(subject, 'account')).toEqual([{ ...bob, balance: 7 }]);
    });

    test('keeps rows apart by every part of a compound key', async () => {
      await using subject = await led(make);
      const day = (account: string, entries: number): Row => ({ day: '2026-11-24', account, entries });
      const write = { table: 'day', upserts: [day('a', 1), day('b', 2)], deletes: [] };
      await subject.store.apply({ ...batch(subject.lease), fold: () => ({ changes: [write], parks: [] }) });
      const fold = vi.fn<ProjectionBatch['fold']>(() => nothing);
      const touched = { day: [{ day: '2026-11-24', account: 'b' }] };
      await subject.store.apply({ ...batch(subject.lease, { after: 5, position: 6 }), touched, fold });
      expect(fold).toHaveBeenCalledExactlyOnceWith({ rows: { day: new Map([['["2026-11-24","b"]', day('b', 2)]]) }, parked: {} });
    });

    test('writes nothing when the checkpoint is not where the batch begins', async () => {
      await using subject = await led(make);
      await subject.store.apply(batch(subject.lease));
      for (const after of [0, 4, 6]) {
        const wrong = batch(subject.lease, { after, position: 9, upserts: [ann] });
        await expect(subject.store.apply(wrong)).rejects.toMatchObject({ code: 'CheckpointConflict' });
      }
      expect(await subject.store.checkpoint(ledger)).toBe(5);
      expect(await subject.rows(ledger, 'account')).toEqual([]);
    });

    test('writes nothing when the fold fails', async () => {
      await using subject = await led(make);
      const failing = { ...batch(subject.lease), fold: () => fail() };
      await expect(subject.store.apply(failing)).rejects.toThrow('the fold failed');
      expect(await subject.store.checkpoint(ledger)).toBe(0);
    });

    test('applies one of the batches that begin at the same place', async () => {
      await using subject = await led(make);
      const reach = (position: number): Promise<void> =>
        subject.store.apply(batch(subject.lease, { position, upserts: [{ ...ann, id: `${position}` }] }));
      const tries = await Promise.allSettled([5, 6, 7, 8, 9].map(reach));
      expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await subject.rows(ledger, 'account')).toHaveLength(1);
    });

    test('keeps versions of a projection apart', async () => {
      await using subject = await led(make);
      const second = { ...ledger, version: 2 };
      await subject.store.apply(batch(subject.lease, { upserts: [ann] }));
      await subject.store.prepare(second, log);
      expect(await subject.store.checkpoint(second)).toBe(0);
      expect(await subject.rows(second, 'account')).toEqual([]);
      expect(await sorted(subject, 'account')).toEqual([ann]);
    });

    test('tells who listens how far it is and which rows changed', async () => {
      await using subject = await led(make);
      const listening = new AbortController();
      const advances = subject.store.advances(listening.signal)[Symbol.asyncIterator]();
      const first = advances.next();
      await listenerIsThere(subject, first);
      await subject.store.apply(batch(subject.lease, { after: 1, position: 5, upserts: [ann], deletes: [{ id: 'bob' }] }));
      const told = await nextAt(advances, first, 5);
      const where = { projection: 'contract-ledger', version: 1, build: 1, partition: 0 };
      expect(told).toEqual({ ...where, position: 5, changed: { account: ['ann', 'bob'] } });
      const end = advances.next();
      listening.abort();
      expect((await end).done).toBe(true);
    });
  });

  leaseContract(name, make);
  parkingContract(name, make);
}

const five = { ...ledger, name: 'five-parts', partitions: 5 };

function leaseContract(name: string, make: () => Promise<ReadModelStoreUnderTest>): void {
  describe(`${name}: leases`, () => {
    test('are all of who is alone, and shared when another comes', async () => {
      await using subject = await make();
      await subject.store.prepare(five, log);
      expect(await attend(subject, 'one', [five])).toEqual([0, 1, 2, 3, 4]);
      expect(await attend(subject, 'two', [five])).toEqual([]);
      const kept = await attend(subject, 'one', [five]);
      const given = await attend(subject, 'two', [five]);
      expect([...kept, ...given].sort()).toEqual([0, 1, 2, 3, 4]);
      expect(Math.abs(kept.length - given.length)).toBe(1);
    });

    test('spread several projections over the instances', async () => {
      await using subject = await make();
      const other = { ...ledger, name: 'other-ledger' };
      for (const each of [ledger, other]) await subject.store.prepare(each, log);
      await attend(subject, 'two', []);
      await Promise.all(['one', 'two'].map((instance) => attend(subject, instance, [ledger, other])));
      await attend(subject, 'one', [ledger, other]);
      await attend(subject, 'two', [ledger, other]);
      expect(await attend(subject, 'one', [ledger, other])).toHaveLength(1);
      expect(await attend(subject, 'two', [ledger, other])).toHaveLength(1);
    });

    test('of who has left are free at once', async () => {
      await using subject = await led(make);
      expect(await attend(subject, 'two', [ledger])).toEqual([]);
      await subject.store.leave('one');
      expect(await attend(subject, 'two', [ledger])).toEqual([0]);
    });

    test('of who is silent are taken over when their time is up, with a later epoch and the same checkpoint', async () => {
      await using subject = await make();
      await subject.store.prepare(ledger, log);
      const [first] = await subject.store.attend({ instance: 'one', projections: [ledger], leaseMs: 40 });
      if (first === undefined) throw new Error('it is the only one');
      await subject.store.apply(batch(first, { upserts: [ann] }));
      const taken = await vi.waitUntil(async () => (await subject.store.attend(attendanceOf('two', [ledger])))[0]);
      expect(taken).toMatchObject({ partition: 0, position: 5 });
      expect(taken.epoch).toBeGreaterThan(first.epoch);
    });

    test('that were taken over write nothing more, whatever their old owner believes', async () => {
      await using subject = await led(make);
      await subject.store.leave('one');
      const later = await leaseOf(subject, 'two');
      const late = batch(subject.lease, { upserts: [ann] });
      await expect(subject.store.apply(late)).rejects.toMatchObject({ code: 'LeaseLost' });
      await subject.store.stall(subject.lease, 'I am not there any more');
      expect(await subject.rows(ledger, 'account')).toEqual([]);
      expect(await subject.store.checkpoints(ledger)).toEqual([expect.objectContaining({ position: 0, epoch: later.epoch, owner: 'two' })]);
      expect((await subject.store.checkpoints(ledger))[0]?.stalled).toBeUndefined();
    });

    test('are not given for a version that is paused', async () => {
      await using subject = await led(make);
      await subject.setPaused(ledger, true);
      expect(await attend(subject, 'one', [ledger])).toEqual([]);
      await subject.setPaused(ledger, false);
      expect(await attend(subject, 'one', [ledger])).toEqual([0]);
    });

    test('are for what an instance declares, and for each build that is followed', async () => {
      await using subject = await led(make);
      expect(await subject.addBuild(ledger, log)).toBe(2);
      const leases = await subject.store.attend(attendanceOf('one', [ledger, { ...ledger, version: 7 }]));
      expect(leases.map(({ projection, build }) => [projection.version, build])).toEqual([
        [1, 1],
        [1, 2],
      ]);
    });
  });

  describe(`${name}: partitions and builds`, () => {
    test('have checkpoints of their own; the slowest counts', async () => {
      await using subject = await make();
      await subject.store.prepare(five, log);
      const leases = await subject.store.attend(attendanceOf('one', [five]));
      for (const lease of leases) await subject.store.apply(batch(lease, { position: 10 + lease.partition }));
      expect(await subject.store.checkpoint(five)).toBe(10);
      expect((await subject.store.checkpoints(five)).map(({ position }) => position)).toEqual([10, 11, 12, 13, 14]);
      expect(await subject.store.active(five)).toMatchObject({ build: 1, partitions: { length: 5 } });
    });

    test('are apart, and a switch changes which is read', async () => {
      await using subject = await led(make);
      await subject.store.apply(batch(subject.lease, { upserts: [ann] }));
      await subject.addBuild(ledger, log);
      const lease = (await subject.store.attend(attendanceOf('one', [ledger]))).find(({ build }) => build === 2);
      if (lease === undefined) throw new Error('it was made');
      await subject.store.apply(batch(lease, { position: 6, upserts: [bob] }));
      expect(await subject.store.active(ledger)).toMatchObject({ build: 1, partitions: [{ position: 5 }] });
      await subject.switchTo(ledger, 2);
      expect(await subject.store.active(ledger)).toMatchObject({ build: 2, partitions: [{ position: 6 }] });
      expect(await subject.rows(ledger, 'account', 1)).toEqual([ann]);
      expect(await subject.rows(ledger, 'account', 2)).toEqual([bob]);
    });

    test('tell why they cannot go on, since when, and that they can again', async () => {
      await using subject = await led(make);
      await subject.store.stall(subject.lease, 'an event is too new');
      const [first] = await subject.store.checkpoints(ledger);
      expect(first?.stalled).toEqual({ reason: 'an event is too new', since: expect.stringMatching(/^20/) });
      await subject.store.stall(subject.lease, 'another reason');
      expect((await subject.store.checkpoints(ledger))[0]?.stalled).toEqual({ reason: 'another reason', since: first?.stalled?.since });
      await subject.store.stall(subject.lease);
      expect((await subject.store.checkpoints(ledger))[0]?.stalled).toBeUndefined();
    });
  });
}

function parkingContract(name: string, make: () => Promise<ReadModelStoreUnderTest>): void {
  const fault = { code: 'TypeError', message: 'it failed \u0000', stack: 'at fold' };
  const failed: ParkedEvent = { table: 'account', keyText: 'ann', key: { id: 'ann' }, position: 4, eventType: 'Deposited', fault };
  const { fault: _, ...rest } = failed;
  const waiting: ParkedEvent = { ...rest, position: 5 };
  const address = { projection: ledger, build: 1, table: 'account', keyText: 'ann' };

  async function parked(): Promise<Led> {
    const subject = await led(make);
    const touched = { account: [{ id: 'ann' }, { id: 'bob' }] };
    const fold = () => ({ changes: [{ table: 'account', upserts: [bob], deletes: [] }], parks: [failed, waiting] });
    await subject.store.apply({ ...batch(subject.lease), touched, fold });
    return subject;
  }

  describe(`${name}: parked keys`, () => {
    test('are kept with their fault and what waits behind it, while the rest is written', async () => {
      await using subject = await parked();
      expect(await sorted(subject, 'account')).toEqual([bob]);
      expect(await subject.store.parked(address)).toMatchObject({
        partition: 0,
        partitions: 1,
        key: { id: 'ann' },
        positions: [4, 5],
        eventType: 'Deposited',
        fault: { code: 'TypeError', stack: 'at fold' },
        attempts: 1,
      });
      expect(await subject.store.parked({ ...address, keyText: 'bob' })).toBeUndefined();
    });

    test('are told to the next batch that touches them, which adds to what waits', async () => {
      await using subject = await parked();
      const fold = vi.fn<ProjectionBatch['fold']>(() => ({ changes: [], parks: [{ ...waiting, position: 6 }] }));
      const touched = { account: [{ id: 'ann' }, { id: 'cid' }] };
      await subject.store.apply({ ...batch(subject.lease, { after: 5, position: 6 }), touched, fold });
      expect(fold).toHaveBeenCalledExactlyOnceWith({ rows: { account: new Map() }, parked: { account: new Set(['ann']) } });
      expect((await subject.store.parked(address))?.positions).toEqual([4, 5, 6]);
    });

    test('are free again when all of their events are folded', async () => {
      await using subject = await parked();
      const fold = vi.fn(() => ({ changes: { upserts: [ann], deletes: [] } }));
      await subject.store.settleParked({ parked: address, positions: [4, 5], keys: [{ id: 'ann' }], fold });
      expect(fold).toHaveBeenCalledExactlyOnceWith(new Map());
      expect(await sorted(subject, 'account')).toEqual([ann, bob]);
      expect(await subject.store.parked(address)).toBeUndefined();
      expect(await subject.store.checkpoint(ledger)).toBe(5);
    });

    test('stay with the rest of their events when one fails again', async () => {
      await using subject = await parked();
      const left = { positions: [5], eventType: 'Transferred', fault: { code: 'RangeError', message: 'still' } };
      const fold = () => ({ changes: { upserts: [ann], deletes: [] }, rest: left });
      await subject.store.settleParked({ parked: address, positions: [4, 5], keys: [{ id: 'ann' }], fold });
      expect(await subject.store.parked(address)).toMatchObject({ ...left, attempts: 2 });
    });

    test('are not settled by who has not seen all that waits', async () => {
      await using subject = await parked();
      const settle = { parked: address, positions: [4], keys: [], fold: () => ({ changes: { upserts: [], deletes: [] } }) };
      await expect(subject.store.settleParked(settle)).rejects.toMatchObject({ code: 'CheckpointConflict' });
      expect((await subject.store.parked(address))?.positions).toEqual([4, 5]);
    });

    test('may have no key that is known', async () => {
      await using subject = await led(make);
      const keyless: ParkedEvent = { table: 'account', keyText: '#5', position: 5, eventType: 'Deposited', fault };
      await subject.store.apply({ ...batch(subject.lease), fold: () => ({ changes: [], parks: [keyless] }) });
      const queue = await subject.store.parked({ ...address, keyText: '#5' });
      expect(queue).toMatchObject({ positions: [5] });
      expect(queue).not.toHaveProperty('key');
    });
  });
}

interface BatchParts {
  readonly after?: number;
  readonly position?: number;
  readonly log?: LogIdentity;
  readonly upserts?: readonly Row[];
  readonly deletes?: readonly RowKey[];
}

const nothing = { changes: [], parks: [] };

function batch(
  lease: PartitionLease,
  { after = 0, position = 5, log: from = log, upserts = [], deletes = [] }: BatchParts = {},
): ProjectionBatch {
  const touched = upserts.length + deletes.length > 0 ? { account: [...upserts, ...deletes].map(({ id }) => ({ id })) } : {};
  const changes = upserts.length + deletes.length > 0 ? [{ table: 'account', upserts, deletes }] : [];
  return { lease, after, position, log: from, touched, fold: () => ({ changes, parks: [] }) };
}

interface Led extends ReadModelStoreUnderTest {
  /** Of the ledger's only partition, held by `one`. */
  readonly lease: PartitionLease;
}

async function led(make: () => Promise<ReadModelStoreUnderTest>): Promise<Led> {
  const subject = await make();
  await subject.store.prepare(ledger, log);
  return { ...subject, lease: await leaseOf(subject, 'one') };
}

async function leaseOf({ store }: ReadModelStoreUnderTest, instance: string, projection: Projection = ledger): Promise<PartitionLease> {
  const leases = await store.attend(attendanceOf(instance, [projection]));
  const lease = leases.find(({ projection: { name, version } }) => name === projection.name && version === projection.version);
  if (lease === undefined) throw new Error(`${instance} got no lease`);
  return lease;
}

/** The partitions it holds then. */
async function attend({ store }: ReadModelStoreUnderTest, instance: string, projections: readonly Projection[]): Promise<number[]> {
  const leases = await store.attend(attendanceOf(instance, projections));
  return leases.map(({ partition }) => partition).sort();
}

function attendanceOf(instance: string, projections: readonly Projection[]) {
  return { instance, projections, leaseMs: 60_000 };
}

async function sorted(subject: ReadModelStoreUnderTest, table: string): Promise<readonly Row[]> {
  const rows = await subject.rows(ledger, table);
  return [...rows].sort((a, b) => (String(a.id) < String(b.id) ? -1 : 1));
}

type Next = Promise<IteratorResult<ReadModelAdvance>>;

/** A listener may take a moment to be heard: moves the checkpoint of another version until it hears of it, and the ledger's to 1. */
async function listenerIsThere(subject: Led, first: Next): Promise<void> {
  const probe = { ...ledger, version: 99 };
  await subject.store.prepare(probe, log);
  const lease = await leaseOf(subject, 'prober', probe);
  let heard = false;
  const hearing = first.then(() => {
    heard = true;
  });
  for (let position = 1; !heard; position++) {
    await subject.store.apply(batch(lease, { after: position - 1, position }));
    await Promise.race([hearing, new Promise((resolve) => setTimeout(resolve, 20))]);
  }
  await subject.store.apply(batch(subject.lease, { position: 1 }));
}

async function nextAt(advances: AsyncIterator<ReadModelAdvance>, first: Next, position: number): Promise<ReadModelAdvance> {
  let { value } = await first;
  while (value.version !== 1 || value.position !== position) ({ value } = await advances.next());
  return value;
}

function fail(): never {
  throw new Error('the fold failed');
}
