import type { AppendRequest, AppendTicket } from '@kiroku/core';
import { describe, expect, test } from 'vitest';
import { given, label, sample, uuidOf, wholeLog } from './event-store-samples.ts';
import type { MakeEventStore } from './make-event-store.ts';

const stream = 'order-1';
const newTicket = (): AppendTicket => ({ stream });
const placed = (expectedVersion: number, rest: Omit<AppendRequest, 'streams'> = {}): AppendRequest => ({
  streams: [{ stream, expectedVersion, events: [sample('Placed')] }],
  ...rest,
});

export function followingContract(makeStore: MakeEventStore): void {
  describe('an append that follows another', () => {
    test('is accepted with it, in their order, also a long row of them among others', async () => {
      await using store = await makeStore();
      const tickets = Array.from({ length: 200 }, newTicket);
      const row = tickets.map((ticket, n) => placed(n, { ticket, follows: tickets.slice(Math.max(0, n - 1), n) }));
      const settled = await Promise.allSettled(row.flatMap((request, n) => [store.append(request), given(store, `note-${n}`, 'Noted')]));
      expect(settled.filter(({ status }) => status === 'rejected')).toEqual([]);
      expect(await store.readStream(stream)).toHaveLength(200);
    });

    test('is accepted when that has been answered', async () => {
      await using store = await makeStore();
      const ticket = newTicket();
      await store.append(placed(0, { ticket }));
      expect(await store.append(placed(1, { follows: [ticket] }))).toMatchObject({ position: 2 });
    });

    test('is accepted though that adds nothing', async () => {
      await using store = await makeStore();
      const ticket = newTicket();
      const settled = await Promise.allSettled(
        [{ streams: [], ticket }, placed(0, { follows: [ticket] })].map((each) => store.append(each)),
      );
      expect(settled).toMatchObject([{ status: 'fulfilled' }, { status: 'fulfilled' }]);
    });

    test('is refused with it, and so is what follows, though the stream is at the version they expect', async () => {
      await using store = await makeStore();
      const [one, two] = [newTicket(), newTicket()];
      await given(store, stream, 'Opened', 'Opened');
      const requests = [placed(0, { ticket: one }), placed(1, { ticket: two, follows: [one] }), placed(2, { follows: [two] }), placed(2)];
      const settled = await Promise.allSettled(requests.map((request) => store.append(request)));
      expect(settled.map((each) => (each.status === 'rejected' ? each.reason.code : each.value.position))).toEqual([
        'Conflict',
        'Conflict',
        'Conflict',
        3,
      ]);
    });

    test('is refused when that has been refused, or was never made', async () => {
      await using store = await makeStore();
      const ticket = newTicket();
      await given(store, stream, 'Opened');
      await expect(store.append(placed(0, { ticket }))).rejects.toMatchObject({ code: 'Conflict' });
      for (const followed of [ticket, newTicket()]) {
        await expect(store.append(placed(1, { follows: [followed] }))).rejects.toMatchObject({ code: 'Conflict' });
      }
      expect((await wholeLog(store)).map(label)).toEqual(['order-1 v1 Opened']);
    });

    test('is refused if that was a repetition, which adds nothing', async () => {
      await using store = await makeStore();
      const ticket = newTicket();
      const idempotency = { commandId: uuidOf(1), fingerprint: 'f' };
      await store.append(placed(0, { idempotency }));
      const settled = await Promise.allSettled(
        [placed(0, { idempotency, ticket }), placed(1, { follows: [ticket] })].map((each) => store.append(each)),
      );
      expect(settled).toMatchObject([{ value: { duplicate: true } }, { reason: { code: 'Conflict' } }]);
    });
  });
}
