import type { AppendRequest, NewEvent } from '@kiroku/core';
import { describe, expect, test } from 'vitest';
import { given, sample, uuidOf, wholeLog } from './event-store-samples.ts';
import type { MakeEventStore } from './make-event-store.ts';

export function idempotencyContract(makeStore: MakeEventStore): void {
  describe('a repeated append', () => {
    const placing: AppendRequest = {
      streams: [{ stream: 'order-1', expectedVersion: 'noStream', events: [sample('Placed'), sample('Noted')] }],
      idempotency: { commandId: uuidOf(1), fingerprint: 'place' },
    };

    test('with the same command id returns the first result and adds nothing, also if it would no longer be accepted', async () => {
      await using store = await makeStore();
      const first = await store.append(placing);
      await given(store, 'order-1', 'Sent');
      expect(await store.append(placing)).toEqual({ ...first, duplicate: true });
      expect(await store.findCommand({ commandId: uuidOf(1).toUpperCase(), fingerprint: 'place' })).toEqual({ ...first, duplicate: true });
      expect(await wholeLog(store)).toHaveLength(3);
    });

    test('is recognised also if the first made no events', async () => {
      await using store = await makeStore();
      await given(store, 'order-1', 'Placed');
      const nothing: AppendRequest = { ...placing, streams: [{ stream: 'order-1', expectedVersion: 1, events: [] }] };
      await store.append(nothing);
      await given(store, 'order-1', 'Sent');
      expect(await store.append(nothing)).toEqual({ position: 1, streams: [{ stream: 'order-1', version: 1 }], duplicate: true });
    });

    test('with the same command id for something else is refused', async () => {
      await using store = await makeStore();
      await store.append(placing);
      const other: AppendRequest = { ...placing, idempotency: { commandId: uuidOf(1), fingerprint: 'cancel' } };
      await expect(store.append(other)).rejects.toMatchObject({ code: 'IdReused' });
      await expect(store.findCommand({ commandId: uuidOf(1), fingerprint: 'cancel' })).rejects.toMatchObject({ code: 'IdReused' });
      expect(await wholeLog(store)).toHaveLength(2);
    });

    test('after a conflict is judged anew: a refused append does not use its command id up', async () => {
      await using store = await makeStore();
      const sending: AppendRequest = { ...placing, streams: [{ stream: 'order-1', expectedVersion: 1, events: [sample('Sent')] }] };
      await expect(store.append(sending)).rejects.toMatchObject({ code: 'Conflict' });
      expect(await store.findCommand({ commandId: uuidOf(1), fingerprint: 'place' })).toBeUndefined();
      await given(store, 'order-1', 'Placed');
      expect(await store.append(sending)).toMatchObject({ position: 2, duplicate: false });
    });

    test('of events with the same ids returns the first result and adds nothing', async () => {
      await using store = await makeStore();
      const request: AppendRequest = {
        streams: [
          { stream: 'order-1', expectedVersion: 'any', events: [sample('Placed', { id: uuidOf(1).toUpperCase(), data: { n: 1 } })] },
          { stream: 'stock-1', expectedVersion: 'any', events: [sample('Reserved', { id: uuidOf(2) })] },
        ],
      };
      const first = await store.append(request);
      await given(store, 'order-1', 'Sent');
      expect(await store.append(request)).toEqual({ ...first, duplicate: true });
      expect(await wholeLog(store)).toHaveLength(3);
    });

    test.each<[string, readonly NewEvent[]]>([
      ['another type', [sample('Sent', { id: uuidOf(1), data: { n: 1 } })]],
      ['other data', [sample('Placed', { id: uuidOf(1), data: { n: 2 } })]],
      ['another event more', [sample('Placed', { id: uuidOf(1), data: { n: 1 } }), sample('Sent')]],
    ])('of an event id with %s is refused', async (_, events) => {
      await using store = await makeStore();
      await given(store, 'order-1', sample('Placed', { id: uuidOf(1), data: { n: 1 } }));
      const append = store.append({ streams: [{ stream: 'order-1', expectedVersion: 'any', events }] });
      await expect(append).rejects.toMatchObject({ code: 'IdReused' });
      expect(await wholeLog(store)).toHaveLength(1);
    });
  });
}
