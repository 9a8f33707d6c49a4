import type { ProjectionBatch, ReadModelAdvance, Row } from '@kiroku/core';
import { describe, expect, test, vi } from 'vitest';
import { leaseContract } from './read-model-leases-contract.ts';
import { parkingContract } from './read-model-parking-contract.ts';
import {
  ann,
  batch,
  bob,
  type Led,
  leaseOf,
  led,
  listener,
  log,
  nothing,
  type ReadModelStoreUnderTest,
  sorted,
} from './read-model-samples.ts';
import { ledger } from './sample-projection.ts';

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
      const lists = { 'account.blocked': ['true'], 'account.last_note': [ann.last_note] };
      const where = { projection: 'contract-ledger', version: 1, build: 1, partition: 0 };
      expect(told).toEqual({ ...where, position: 5, changed: { account: ['ann', 'bob'] }, lists });
      const end = advances.next();
      listening.abort();
      expect((await end).done).toBe(true);
    });

    test('tells that nothing has changed where nothing has, so that what was read holds further', async () => {
      await using subject = await led(make);
      await using listening = await listener(subject.store);
      const touched = { account: [{ id: 'ann' }] };
      await subject.store.apply({ ...batch(subject.lease, { position: 5 }), touched: {}, fold: () => nothing });
      await subject.store.apply({ ...batch(subject.lease, { after: 5, position: 6 }), touched, fold: () => nothing });
      const told = () => listening.told.map(({ position, changed, lists }) => [position, changed, lists]);
      await expect.poll(told).toEqual([
        [5, {}, {}],
        [6, {}, {}],
      ]);
    });

    test('tells of the lists that changed rows were on, and are on now', async () => {
      await using subject = await led(make);
      await subject.store.apply(batch(subject.lease, { position: 3, upserts: [ann, bob] }));
      const listening = new AbortController();
      const advances = subject.store.advances(listening.signal)[Symbol.asyncIterator]();
      const first = advances.next();
      await listenerIsThere(subject, first, 3);
      const touched = { account: [{ id: 'ann' }, { id: 'bob' }] };
      const changes = [{ table: 'account', upserts: [{ ...ann, blocked: false }], deletes: [{ id: 'bob' }] }];
      await subject.store.apply({ ...batch(subject.lease, { after: 4, position: 5 }), touched, fold: () => ({ changes, parks: [] }) });
      expect((await nextAt(advances, first, 5)).lists).toEqual({
        'account.blocked': ['false', 'true'],
        'account.last_note': [ann.last_note],
      });
      listening.abort();
    });

    test('says when it listens, from when on nothing is missed, and when it does no more', async () => {
      await using subject = await led(make);
      const stopping = new AbortController();
      const states: boolean[] = [];
      const advances = subject.store.advances(stopping.signal, (isListening) => states.push(isListening))[Symbol.asyncIterator]();
      const told = advances.next();
      await expect.poll(() => states).toEqual([true]);
      await subject.store.apply(batch(subject.lease, { after: 0, position: 5, upserts: [ann], deletes: [] }));
      expect((await told).value).toMatchObject({ projection: 'contract-ledger', position: 5 });
      stopping.abort();
      expect((await advances.next()).done).toBe(true);
      expect(states).toEqual([true, false]);
    });
  });

  leaseContract(name, make);
  parkingContract(name, make);
}

type Next = Promise<IteratorResult<ReadModelAdvance>>;

/** A listener may take a moment to be heard: moves the checkpoint of another version until it hears of it, and the ledger's by 1. */
async function listenerIsThere(subject: Led, first: Next, after = 0): Promise<void> {
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
  await subject.store.apply(batch(subject.lease, { after, position: after + 1 }));
}

async function nextAt(advances: AsyncIterator<ReadModelAdvance>, first: Next, position: number): Promise<ReadModelAdvance> {
  let { value } = await first;
  while (value.version !== 1 || value.position !== position) ({ value } = await advances.next());
  return value;
}

function fail(): never {
  throw new Error('the fold failed');
}
