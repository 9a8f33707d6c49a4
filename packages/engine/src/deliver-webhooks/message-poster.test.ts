import type { ConsumerLease } from '@kiroku/core';
import { recordedAs, withFaults } from '@kiroku/testing';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { newSecret, openSecrets, sealSecret } from './consumer-secret.ts';
import { DeliveryWorld } from './delivery.test-service.ts';
import { MessagePoster, type MessagePosterOptions } from './message-poster.ts';

const event = recordedAs(1, { type: 'Happened', data: {} });
const never = new AbortController().signal;

afterEach(() => vi.useRealTimers());

describe('a message that is posted', () => {
  test('has not failed if it is broken off before there was an answer', async () => {
    await using given = await withPoster();
    const ending = new AbortController();
    given.world.receiver.answer = () => {
      ending.abort();
      return 'hang';
    };
    expect(await given.poster.post(event, ending.signal)).toBeUndefined();
    expect(await given.poster.post(event, ending.signal)).toBeUndefined();
    expect(given.world.receiver.received).toHaveLength(1);
  });

  test('is signed with the secret before for as long as that is good, and no longer', async () => {
    await using given = await withPoster();
    const signatures = () => given.world.receiver.received.map(({ headers }) => String(headers['webhook-signature']).split(' ').length);
    await given.poster.post(event, never);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 });
    await given.poster.post(event, never);
    expect(signatures()).toEqual([2, 1]);
  });

  test('is posted as soon as its keys are there', async () => {
    let isAway = true;
    await using given = await withPoster(({ keys }) => ({ keys: withFaults(keys, ['findKey'], () => isAway) }));
    expect(await given.poster.post(event, never)).toMatchObject({ outcome: 'failed', error: expect.stringMatching(/^It was not sent\./) });
    isAway = false;
    expect(await given.poster.post(event, never)).toEqual({ outcome: 'delivered' });
  });
});

test('a secret before is opened until its time is over', async () => {
  await using world = await DeliveryWorld.open();
  const secrets = await rotated(world, 'c', 60_000);
  const opened = async (inMs: number) => (await openSecrets(world.keys, { consumer: 'c', secrets, now: Date.now() + inMs })).length;
  expect([await opened(0), await opened(59_000), await opened(60_000)]).toEqual([2, 2, 1]);
});

async function rotated({ keys, secret }: DeliveryWorld, consumer: string, goodForMs: number) {
  const until = new Date(Date.now() + goodForMs).toISOString();
  const previous = { secret: await sealSecret(keys, consumer, secret), until };
  return { current: await sealSecret(keys, consumer, newSecret()), previous };
}

/** To a consumer whose secret was replaced, and is good for another minute. */
async function withPoster(more: (world: DeliveryWorld) => Partial<MessagePosterOptions> = () => ({})) {
  const world = await DeliveryWorld.open();
  await world.addConsumer();
  const [held] = await world.store.attend({ instance: 'test', leaseMs: 60_000 });
  if (held === undefined) throw new Error('A lone process gets every consumer.');
  const lease: ConsumerLease = { ...held, secrets: await rotated(world, held.id, 60_000) };
  const poster = new MessagePoster({ lease, keys: world.keys, readable: async (events) => events, ...more(world) });
  return {
    world,
    poster,
    async [Symbol.asyncDispose]() {
      await poster.stop();
      await world[Symbol.asyncDispose]();
    },
  };
}
