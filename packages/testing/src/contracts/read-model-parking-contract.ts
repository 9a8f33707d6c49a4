import type { ParkedEvent, ProjectionBatch } from '@kiroku/core';
import { describe, expect, test, vi } from 'vitest';
import { ann, batch, bob, type Led, led, listener, type ReadModelStoreUnderTest, sorted } from './read-model-samples.ts';
import { ledger } from './sample-projection.ts';

/** Registers the tests of keys whose events cannot be folded. */
export function parkingContract(name: string, make: () => Promise<ReadModelStoreUnderTest>): void {
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
      expect(fold).toHaveBeenCalledExactlyOnceWith(new Map(), [5]);
      expect(await sorted(subject, 'account')).toEqual([ann, bob]);
      expect(await subject.store.parked(address)).toBeUndefined();
      expect(await subject.store.checkpoint(ledger)).toBe(5);
    });

    test('are told of when they are folded: who keeps what was read hears of them where it is', async () => {
      await using subject = await parked();
      await using listening = await listener(subject.store);
      const settle = { parked: address, positions: [4, 5], keys: [{ id: 'ann' }, { id: 'bob' }] };
      const fold = () => ({ changes: { upserts: [ann], deletes: [{ id: 'bob' }] } });
      await subject.store.settleParked({ ...settle, fold });
      const lists = { 'account.blocked': ['true', 'false'], 'account.last_note': [ann.last_note] };
      await expect.poll(() => listening.told).toMatchObject([{ position: 5, changed: { account: ['ann', 'bob'] }, lists }]);
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

    test('give way to what a refold of the keys that were found now parks of them', async () => {
      await using subject = await parked();
      const keyless: ParkedEvent = { table: 'account', keyText: '#6', position: 6, eventType: 'Deposited', fault };
      await subject.store.apply({ ...batch(subject.lease, { after: 5, position: 6 }), fold: () => ({ changes: [], parks: [keyless] }) });
      const later: ParkedEvent = { ...failed, position: 6, fault: { code: 'RangeError', message: 'another' } };
      const fold = vi.fn(() => ({ changes: { upserts: [ann], deletes: [] }, parks: [later] }));
      await subject.store.settleParked({ parked: { ...address, keyText: '#6' }, positions: [6], keys: [{ id: 'ann' }], fold });
      expect(fold).toHaveBeenCalledExactlyOnceWith(new Map(), [6]);
      expect(await sorted(subject, 'account')).toEqual([ann, bob]);
      expect(await subject.store.parked({ ...address, keyText: '#6' })).toBeUndefined();
      expect(await subject.store.parked(address)).toMatchObject({ positions: [6], fault: { code: 'RangeError' }, attempts: 1 });
    });
  });
}
