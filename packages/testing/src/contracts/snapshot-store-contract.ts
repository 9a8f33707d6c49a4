import type { Snapshot, SnapshotKey, SnapshotStore } from '@kiroku/core';
import { describe, expect, test } from 'vitest';

/** A store under test, with a way to do harm to what it keeps. */
export interface SnapshotStoreUnderTest extends AsyncDisposable {
  readonly store: SnapshotStore;
  /** Alters what is kept under the key, as a fault of a disk or a person would. */
  damage(key: SnapshotKey): Promise<void>;
}

const key: SnapshotKey = { stream: 'stock-1', aggregate: 'stock', stateVersion: 1, events: 'StockReceived@1' };
const first: Snapshot = {
  version: 100,
  eventId: '0199f0a0-0000-7000-8000-000000000100',
  state: { onHand: 7, note: 'caf\u00e9 \u0000 "日本"' },
};
const later: Snapshot = { version: 200, eventId: '0199f0a0-0000-7000-8000-000000000200', state: [null, true, 1.5, { deep: [{}] }] };

/** Registers the tests of what the port promises. */
export function snapshotStoreContract(name: string, make: () => Promise<SnapshotStoreUnderTest>): void {
  describe(`${name} as a snapshot store`, () => {
    test('has nothing at first', async () => {
      await using subject = await make();
      expect(await subject.store.load(key)).toBeUndefined();
    });

    test('gives back exactly what was saved last', async () => {
      await using subject = await make();
      await subject.store.save(key, first);
      expect(await subject.store.load(key)).toEqual(first);
      await subject.store.save(key, later);
      expect(await subject.store.load(key)).toEqual(later);
      await subject.store.save(key, first);
      expect(await subject.store.load(key)).toEqual(first);
    });

    test.each<Partial<SnapshotKey>>([{ stream: 'stock-2' }, { aggregate: 'shelf' }, { stateVersion: 2 }, { events: 'StockReceived@2' }])(
      'does not give it to %o',
      async (other) => {
        await using subject = await make();
        await subject.store.save(key, first);
        expect(await subject.store.load({ ...key, ...other })).toBeUndefined();
      },
    );

    test.each<Partial<SnapshotKey>>([{ stream: 'stock-2' }, { aggregate: 'shelf' }, { stateVersion: 2 }])(
      'keeps one beside that of %o',
      async (other) => {
        await using subject = await make();
        await subject.store.save(key, first);
        await subject.store.save({ ...key, ...other }, later);
        expect(await subject.store.load(key)).toEqual(first);
        expect(await subject.store.load({ ...key, ...other })).toEqual(later);
      },
    );

    test('has nothing instead of what was damaged, and keeps the next', async () => {
      await using subject = await make();
      await subject.store.save(key, first);
      await subject.damage(key);
      expect(await subject.store.load(key)).toBeUndefined();
      await subject.store.save(key, later);
      expect(await subject.store.load(key)).toEqual(later);
    });

    test('takes many at once', async () => {
      await using subject = await make();
      const keys = Array.from({ length: 50 }, (_, n): SnapshotKey => ({ ...key, stream: `stock-${n % 10}` }));
      await Promise.all(keys.map((each) => subject.store.save(each, first)));
      expect(await Promise.all(keys.map((each) => subject.store.load(each)))).toEqual(keys.map(() => first));
    });
  });
}
