import { recordedAs } from '@kiroku/testing';
import { expect, test, vi } from 'vitest';
import { DeliveryWorld } from './delivery.test-service.ts';
import { PacedPoster } from './paced-poster.ts';

test('nothing is posted under a lease that may be over, and the delivery is told', async () => {
  await using world = await DeliveryWorld.open();
  await world.addConsumer();
  const [lease] = await world.store.attend({ instance: 'test', leaseMs: 60_000 });
  if (lease === undefined) throw new Error('A lone process gets every consumer.');
  const onLapsed = vi.fn();
  const poster = new PacedPoster({
    lease,
    keys: world.keys,
    readable: async (events) => events,
    retry: { baseMs: 1, capMs: 1 },
    isHeld: () => false,
    onAttempt: () => undefined,
    onLapsed,
    onGone: async () => undefined,
    onRecovered: () => undefined,
  });
  const event = recordedAs(1, { type: 'Happened', data: {} });
  expect(await poster.post(event, { attempts: 0, failingForMs: 0 })).toBeUndefined();
  expect(onLapsed).toHaveBeenCalledOnce();
  expect(world.receiver.received).toEqual([]);
  await poster.stop();
});
