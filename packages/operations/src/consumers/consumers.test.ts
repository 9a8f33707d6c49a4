import { KirokuError, type StreamName } from '@kiroku/core';
import { openSecrets } from '@kiroku/engine';
import { InMemoryConsumerStore, InMemoryEventStore, InMemoryKeyStore, InMemoryOperatorAudit, tally } from '@kiroku/testing';
import { describe, expect, test } from 'vitest';
import { addConsumer } from './add-consumer.ts';
import { pauseConsumer, removeConsumer, rewindConsumer, rotateSecret } from './change-consumer.ts';
import type { ConsumerOrder } from './check-consumer.ts';
import { consumerNeedsAttention, listConsumers, showConsumer } from './consumer-status.ts';
import { settleDeadLetters } from './dead-letters.ts';

const ada = { name: 'ada', reason: 'ticket 7' };
const url = 'https://crm.example/hooks';

async function open() {
  const log = new InMemoryEventStore();
  const stores = {
    application: { aggregates: [tally, { ...tally, name: 'note', events: {} }] },
    consumers: new InMemoryConsumerStore(),
    log,
    keys: new InMemoryKeyStore(),
    audit: new InMemoryOperatorAudit(),
  };
  return {
    stores,
    append: (stream: StreamName, count = 1) =>
      log.append({
        streams: [{ stream, expectedVersion: 'any', events: Array.from({ length: count }, () => ({ type: 'Started', data: {} })) }],
      }),
    add: (order: Partial<ConsumerOrder> = {}) => addConsumer(stores, { order: { name: 'crm', url, ...order }, operator: ada }),
    secretsOf: async (name: string) => {
      const [{ id }, secrets] = await Promise.all([stores.consumers.consumer(name), stores.consumers.secrets(name)]);
      return openSecrets(stores.keys, { consumer: id, secrets, now: Date.now() });
    },
    audited: async () => (await stores.audit.actions({ limit: 99 })).toReversed(),
  };
}

describe('a consumer that is registered', () => {
  test('starts with what comes now, at the beginning, or after a position', async () => {
    const { add, append } = await open();
    await append('tally-1', 5);
    expect((await add({ name: 'a' })).consumer).toMatchObject({ position: 5, state: 'orphaned', lag: { events: 0, seconds: 0 } });
    expect((await add({ name: 'b', from: 'beginning' })).consumer).toMatchObject({ position: 0, lag: { events: 5 } });
    expect((await add({ name: 'c', from: 3, terms: { maxAttempts: 2 } })).consumer).toMatchObject({
      position: 3,
      terms: { maxAttempts: 2, concurrency: 8, timeoutMs: 10_000, maxAgeSeconds: 259_200 },
    });
    await expect(add({ name: 'd', from: 6 })).rejects.toMatchObject({ code: 'BadRequest' });
  });

  test('has a secret that is told once, and kept sealed', async () => {
    const { add, stores, secretsOf, audited } = await open();
    const { secret } = await add();
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(await secretsOf('crm')).toEqual([secret]);
    const told = JSON.stringify([await stores.consumers.secrets('crm'), await showConsumer(stores, 'crm'), await audited()]);
    expect(told).not.toContain(secret.slice('whsec_'.length));
  });

  test.each<[string, Partial<ConsumerOrder>, RegExp]>([
    ['a name that cannot be one', { name: 'My CRM' }, /lower-case/],
    ['a URL of another kind', { url: 'ftp://crm.example' }, /https/],
    ['a URL with a password', { url: 'https://u:p@crm.example' }, /password/],
    ['an event type that nobody appends', { types: ['Startet'] }, /Did you mean "Started"\?/],
    ['a category that there is not', { categories: ['talley'] }, /Did you mean "tally"\?/],
    [
      'event types that the categories do not have',
      { types: ['Started'], categories: ['note'] },
      /Started is an event of tally, not of note/,
    ],
    ['a tag that no event can have', { tags: [''] }, /is no tag/],
    ['more tags than an event can have', { tags: Array.from({ length: 33 }, (_, n) => `t${n}`) }, /more than 32 tags/],
    ['terms out of bounds', { terms: { concurrency: 0 } }, /concurrency must be a whole number from 1 to 64/],
  ])('is refused with %s', async (_, order, message) => {
    const { add, audited } = await open();
    await expect(add(order)).rejects.toThrow(message);
    expect(await audited()).toEqual([]);
  });

  test('has a name of its own', async () => {
    const { add } = await open();
    await add();
    await expect(add()).rejects.toMatchObject({ code: 'ConsumerExists' });
  });
});

describe('an operator', () => {
  test('pauses a consumer with a reason, and lets it go on', async () => {
    const { add, stores, audited } = await open();
    await add();
    expect(await pauseConsumer(stores, { name: 'crm', paused: true, operator: ada })).toMatchObject({
      state: 'paused',
      paused: { reason: 'ticket 7' },
    });
    expect(await pauseConsumer(stores, { name: 'crm', paused: false, operator: ada })).toMatchObject({ state: 'orphaned' });
    expect((await audited()).map(({ verb, operator }) => [verb, operator])).toEqual([
      ['consumer add', 'ada'],
      ['consumer pause', 'ada'],
      ['consumer resume', 'ada'],
    ]);
  });

  test('rewinds it back, not forward, but to any position if the log is another one', async () => {
    const { add, append, stores } = await open();
    await append('tally-1', 5);
    await add({ from: 3 });
    const rewind = (to: number) => rewindConsumer(stores, { name: 'crm', to, operator: ada });
    expect(await rewind(1)).toMatchObject({ position: 1, lag: { events: 4 } });
    await expect(rewind(2)).rejects.toMatchObject({ code: 'BadRequest' });
    const { log } = await stores.log.head();
    await stores.consumers.rewind('crm', { position: 9, log: { ...log, timeline: 9 } });
    expect(await rewind(5)).toMatchObject({ position: 5, log });
  });

  test('gives it a new secret; the one before is good for some hours, if that is wanted and it can be read', async () => {
    const { add, stores, secretsOf } = await open();
    const { secret: first, consumer } = await add();
    const rotate = (overlapHours?: number) =>
      rotateSecret(stores, { name: 'crm', operator: ada, ...(overlapHours !== undefined && { overlapHours }) });
    const { secret: second, previousUntil } = await rotate();
    expect(await secretsOf('crm')).toEqual([second, first]);
    expect((await showConsumer(stores, 'crm')).consumer.previousSecretUntil).toBe(previousUntil);
    expect(await rotate(0)).not.toHaveProperty('previousUntil');
    stores.keys.lose(`consumer-${consumer.id}`);
    await expect(secretsOf('crm')).rejects.toMatchObject({ code: 'KeyMissing' });
    const { secret: last } = await rotate();
    expect(await secretsOf('crm')).toEqual([last]);
  });

  test('removes it, and destroys its secret', async () => {
    const { add, stores } = await open();
    const { consumer } = await add();
    await removeConsumer(stores, { name: 'crm', operator: ada });
    expect(await listConsumers(stores)).toEqual([]);
    expect(await stores.keys.findKey(`consumer-${consumer.id}`)).toBe('forgotten');
    await add();
  });

  test('retries and discards dead letters, the latter for a reason', async () => {
    const { add, append, stores, audited } = await open();
    await append('tally-1', 3);
    await add({ from: 'beginning' });
    const [lease] = await stores.consumers.attend({ instance: 'x', leaseMs: 60_000 });
    if (lease === undefined) throw new KirokuError('Internal', 'A lone process gets every consumer.');
    const failure = { error: 'It answered 400.', retry: 'dead' } as const;
    const letter = (position: number, stream: string) => ({
      position,
      stream,
      eventId: crypto.randomUUID(),
      eventType: 'Started',
      failure,
    });
    await stores.consumers.advance({ lease, position: 3, kept: [letter(1, 'tally-1'), letter(2, 'tally-2')] });
    const [consumer] = await listConsumers(stores);
    expect(consumer && consumerNeedsAttention(consumer)).toBe(true);
    const choice = { name: 'crm', operator: ada } as const;
    expect(await settleDeadLetters(stores, { ...choice, verb: 'retry', positions: [1] })).toMatchObject([{ position: 1 }]);
    await expect(settleDeadLetters(stores, { ...choice, verb: 'retry', positions: [1] })).rejects.toMatchObject({ code: 'NotFound' });
    const discard = { ...choice, verb: 'discard', positions: 'all' } as const;
    await expect(settleDeadLetters(stores, { ...discard, operator: { name: 'ada' } })).rejects.toMatchObject({ code: 'BadRequest' });
    expect(await settleDeadLetters(stores, discard)).toMatchObject([{ position: 2 }]);
    expect(await settleDeadLetters(stores, discard)).toEqual([]);
    expect((await audited()).at(-1)).toMatchObject({
      verb: 'consumer dead discard',
      reason: 'ticket 7',
      before: [{ position: 2, error: 'It answered 400.' }],
    });
  });
});
