import type { LogIdentity, Projection, ProjectionBatch, ReadModelAdvance, ReadModelStore, Row, RowKey } from '@kiroku/core';
import { describe, expect, test, vi } from 'vitest';
import { ledger } from './sample-projection.ts';

/** A store under test, with a way to look at its rows. */
export interface ReadModelStoreUnderTest extends AsyncDisposable {
  readonly store: ReadModelStore;
  rows(projection: Projection, table: string): Promise<readonly Row[]>;
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
      await using subject = await prepared(make);
      for (const other of [
        { ...log, timeline: 2 },
        { id: '0199f0a0-0000-7000-8000-000000000002', timeline: 1 },
      ]) {
        await expect(subject.store.prepare(ledger, other)).rejects.toMatchObject({ code: 'LogMismatch' });
        await expect(subject.store.apply(batch({ log: other }))).rejects.toMatchObject({ code: 'LogMismatch' });
      }
    });

    test('keeps values of every type as they were written', async () => {
      await using subject = await prepared(make);
      await subject.store.apply(batch({ upserts: [ann, bob] }));
      expect(await sorted(subject, 'account')).toEqual([ann, bob]);
    });

    test('gives the fold the touched rows, and only those', async () => {
      await using subject = await prepared(make);
      await subject.store.apply(batch({ upserts: [ann, bob] }));
      const fold = vi.fn<ProjectionBatch['fold']>(() => []);
      const touched = { account: [{ id: 'bob' }, { id: 'nobody' }] };
      await subject.store.apply({ ...batch({ after: 5, position: 6 }), touched, fold });
      expect(fold).toHaveBeenCalledExactlyOnceWith({ account: new Map([['bob', bob]]) });
    });

    test('replaces and removes rows', async () => {
      await using subject = await prepared(make);
      await subject.store.apply(batch({ upserts: [ann, bob] }));
      await subject.store.apply(batch({ after: 5, position: 6, upserts: [{ ...bob, balance: 7 }], deletes: [{ id: 'ann' }] }));
      expect(await sorted(subject, 'account')).toEqual([{ ...bob, balance: 7 }]);
    });

    test('keeps rows apart by every part of a compound key', async () => {
      await using subject = await prepared(make);
      const day = (account: string, entries: number): Row => ({ day: '2026-11-24', account, entries });
      const write = { table: 'day', upserts: [day('a', 1), day('b', 2)], deletes: [] };
      await subject.store.apply({ ...batch(), fold: () => [write] });
      const fold = vi.fn<ProjectionBatch['fold']>(() => []);
      const touched = { day: [{ day: '2026-11-24', account: 'b' }] };
      await subject.store.apply({ ...batch({ after: 5, position: 6 }), touched, fold });
      expect(fold).toHaveBeenCalledExactlyOnceWith({ day: new Map([['["2026-11-24","b"]', day('b', 2)]]) });
    });

    test('writes nothing when the checkpoint is not where the batch begins', async () => {
      await using subject = await prepared(make);
      await subject.store.apply(batch());
      for (const after of [0, 4, 6]) {
        const wrong = batch({ after, position: 9, upserts: [ann] });
        await expect(subject.store.apply(wrong)).rejects.toMatchObject({ code: 'CheckpointConflict' });
      }
      expect(await subject.store.checkpoint(ledger)).toBe(5);
      expect(await subject.rows(ledger, 'account')).toEqual([]);
    });

    test('writes nothing when the fold fails', async () => {
      await using subject = await prepared(make);
      const failing = { ...batch(), fold: () => fail() };
      await expect(subject.store.apply(failing)).rejects.toThrow('the fold failed');
      expect(await subject.store.checkpoint(ledger)).toBe(0);
    });

    test('applies one of the batches that begin at the same place', async () => {
      await using subject = await prepared(make);
      const reach = (position: number): Promise<void> => subject.store.apply(batch({ position, upserts: [{ ...ann, id: `${position}` }] }));
      const tries = await Promise.allSettled([5, 6, 7, 8, 9].map(reach));
      expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await subject.rows(ledger, 'account')).toHaveLength(1);
    });

    test('keeps versions of a projection apart', async () => {
      await using subject = await prepared(make);
      const second = { ...ledger, version: 2 };
      await subject.store.apply(batch({ upserts: [ann] }));
      await subject.store.prepare(second, log);
      expect(await subject.store.checkpoint(second)).toBe(0);
      expect(await subject.rows(second, 'account')).toEqual([]);
      expect(await sorted(subject, 'account')).toEqual([ann]);
    });

    test('tells who listens how far it is and which rows changed', async () => {
      await using subject = await prepared(make);
      const listening = new AbortController();
      const advances = subject.store.advances(listening.signal)[Symbol.asyncIterator]();
      const first = advances.next();
      await listenerIsThere(subject, first);
      await subject.store.apply(batch({ after: 1, position: 5, upserts: [ann], deletes: [{ id: 'bob' }] }));
      const told = await nextAt(advances, first, 5);
      expect(told).toEqual({ projection: 'contract-ledger', version: 1, position: 5, changed: { account: ['ann', 'bob'] } });
      const end = advances.next();
      listening.abort();
      expect((await end).done).toBe(true);
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

function batch({ after = 0, position = 5, log: from = log, upserts = [], deletes = [] }: BatchParts = {}): ProjectionBatch {
  const touched = upserts.length + deletes.length > 0 ? { account: [...upserts, ...deletes].map(({ id }) => ({ id })) } : {};
  const changes = upserts.length + deletes.length > 0 ? [{ table: 'account', upserts, deletes }] : [];
  return { projection: ledger, after, position, log: from, touched, fold: () => changes };
}

async function prepared(make: () => Promise<ReadModelStoreUnderTest>): Promise<ReadModelStoreUnderTest> {
  const subject = await make();
  await subject.store.prepare(ledger, log);
  return subject;
}

async function sorted(subject: ReadModelStoreUnderTest, table: string): Promise<readonly Row[]> {
  const rows = await subject.rows(ledger, table);
  return [...rows].sort((a, b) => (String(a.id) < String(b.id) ? -1 : 1));
}

type Next = Promise<IteratorResult<ReadModelAdvance>>;

/** A listener may take a moment to be heard: moves the checkpoint of another version until it hears of it, and the ledger's to 1. */
async function listenerIsThere({ store }: ReadModelStoreUnderTest, first: Next): Promise<void> {
  const probe = { ...ledger, version: 99 };
  await store.prepare(probe, log);
  let heard = false;
  const hearing = first.then(() => {
    heard = true;
  });
  for (let position = 1; !heard; position++) {
    await store.apply({ ...batch({ after: position - 1, position }), projection: probe });
    await Promise.race([hearing, new Promise((resolve) => setTimeout(resolve, 20))]);
  }
  await store.apply(batch({ position: 1 }));
}

async function nextAt(advances: AsyncIterator<ReadModelAdvance>, first: Next, position: number): Promise<ReadModelAdvance> {
  let { value } = await first;
  while (value.version !== 1 || value.position !== position) ({ value } = await advances.next());
  return value;
}

function fail(): never {
  throw new Error('the fold failed');
}
