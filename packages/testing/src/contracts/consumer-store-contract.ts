import type { ConsumerLease, ConsumerStore, KeptMessage, MessageFailure, NewConsumer } from '@kiroku/core';
import { v7 as uuidv7 } from 'uuid';
import { describe, expect, test } from 'vitest';

type MakeConsumerStore = () => Promise<AsyncDisposable & { readonly store: ConsumerStore }>;

const log = { id: '0193a1b2-0000-7000-8000-00000000000a', timeline: 1 };
const later: MessageFailure = { error: 'It answered 500.', retry: { inMs: 60_000 } };
const soon: MessageFailure = { error: 'It answered 503.', retry: { inMs: 0 } };
const dead: MessageFailure = { error: 'It answered 400.', retry: 'dead' };

/** A consumer of everything, from the beginning. */
export function sampleConsumer(name: string, more: Partial<NewConsumer> = {}): NewConsumer {
  return {
    id: uuidv7(),
    name,
    url: 'http://127.0.0.1:9/hooks',
    filter: {},
    reveal: false,
    terms: { timeoutMs: 30_000, concurrency: 4, maxAttempts: 5, maxAgeSeconds: 3_600 },
    secrets: { current: { sealed: 'one' } },
    position: 0,
    log,
    createdBy: 'ada',
    ...more,
  };
}

/** Registers the tests of what the port promises. */
export function consumerStoreContract(name: string, make: MakeConsumerStore): void {
  describe(`${name} as a consumer store`, () => {
    registering(make);
    leasing(make);
    noting(make);
    failing(make);
    keeping(make);
    settling(make);
    deadLetters(make);
  });
}

function registering(make: MakeConsumerStore): void {
  test('keeps a consumer as it was registered, under a name that is taken then', async () => {
    await using subject = await make();
    const { store } = subject;
    const filter = { types: ['Placed'], categories: ['order'], tags: ['vip', 'eu'] };
    const { secrets, ...given } = sampleConsumer('b', { filter, reveal: true, position: 7 });
    await store.add({ ...given, secrets });
    await store.add(sampleConsumer('a'));
    const at = expect.stringMatching(/Z$/);
    expect(await store.consumer('b')).toEqual({ ...given, movedAt: at, createdAt: at, waiting: 0, dead: 0 });
    expect((await store.consumers()).map((consumer) => consumer.name)).toEqual(['a', 'b']);
    expect(await store.secrets('b')).toEqual(secrets);
    await expect(store.add(sampleConsumer('b'))).rejects.toMatchObject({ code: 'ConsumerExists' });
  });

  test('knows no consumer that was not registered, or was removed', async () => {
    await using subject = await make();
    const { store } = subject;
    await store.add(sampleConsumer('a'));
    await store.remove('a');
    for (const attempt of [
      () => store.consumer('a'),
      () => store.secrets('a'),
      () => store.setPaused('a', 'x'),
      () => store.rewind('a', { position: 0, log }),
      () => store.remove('a'),
      () => store.retryDead('a', 'all'),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ code: 'NotFound' });
    }
    await store.add(sampleConsumer('a', { position: 3 }));
    expect((await store.consumer('a')).position).toBe(3);
  });

  test('a change by an operator takes the consumer from its owner, who cannot write any more', async () => {
    await using subject = await make();
    const { store } = subject;
    await store.add(sampleConsumer('a'));
    const secrets = { current: { sealed: 'two' }, previous: { secret: { sealed: 'one' }, until: '2126-11-24T10:00:00.000000Z' } };
    for (const change of [
      () => store.setPaused('a', 'maintenance'),
      () => store.rewind('a', { position: 0, log: { ...log, timeline: 2 } }),
      () => store.setSecrets('a', secrets),
    ]) {
      const lease = await theLease(store);
      await change();
      await expect(store.advance({ lease, position: 1, kept: [] })).rejects.toMatchObject({ code: 'LeaseLost' });
      await expect(store.settle({ lease, delivered: [], failed: [] })).rejects.toMatchObject({ code: 'LeaseLost' });
    }
    expect(await theLease(store)).toMatchObject({ paused: true, secrets, log: { ...log, timeline: 2 } });
    expect(await store.consumer('a')).toMatchObject({ paused: { reason: 'maintenance' }, previousSecretUntil: secrets.previous.until });
    await store.setPaused('a', undefined);
    expect((await store.consumer('a')).paused).toBeUndefined();
  });

  test('rewound, it goes on from there, and what was kept after that is forgotten', async () => {
    await using subject = await make();
    const { store } = subject;
    await store.add(sampleConsumer('a'));
    const lease = await theLease(store);
    await store.advance({ lease, position: 9, kept: [message(3, 'x-1', dead), message(5, 'y-1', later), message(7, 'x-1')] });
    await store.rewind('a', { position: 4, log });
    expect(await store.consumer('a')).toMatchObject({ position: 4, waiting: 0, dead: 1 });
    const again = await theLease(store);
    expect(await store.resume(again)).toEqual({ position: 4, blocked: ['x-1'] });
    await store.advance({ lease: again, position: 5, kept: [] });
    expect((await store.consumer('a')).position).toBe(5);
  });
}

function leasing(make: MakeConsumerStore): void {
  test('consumers are shared out fairly, and each has one owner', async () => {
    await using subject = await make();
    const { store } = subject;
    for (const name of ['a', 'b', 'c']) await store.add(sampleConsumer(name));
    const attend = async (instance: string) => (await store.attend({ instance, leaseMs: 60_000 })).map(({ name }) => name).sort();
    const held = await store.attend({ instance: 'one', leaseMs: 60_000 });
    expect(held.map(({ name }) => name).sort()).toEqual(['a', 'b', 'c']);
    expect(await attend('two')).toEqual([]);
    const left = await attend('one');
    expect(left).toHaveLength(2);
    for (const lease of held.filter(({ name }) => !left.includes(name))) await store.release(lease);
    expect([...left, ...(await attend('two'))].sort()).toEqual(['a', 'b', 'c']);
    await store.leave('one');
    expect(await attend('two')).toEqual(['a', 'b', 'c']);
  });

  test('what exceeds the share of a process is nobody else’s until it is released, and can be written until then', async () => {
    await using subject = await make();
    const { store, lease } = await leased(subject.store);
    await store.attend({ instance: 'a first one', leaseMs: 60_000 });
    expect(await store.attend({ instance: 'one', leaseMs: 60_000 })).toEqual([]);
    expect(await store.attend({ instance: 'a first one', leaseMs: 60_000 })).toEqual([]);
    await store.advance({ lease, position: 1, kept: [] });
    await store.release(lease);
    const next = await theLease(store, 'a first one');
    expect(next.epoch).toBeGreaterThan(lease.epoch);
    await store.release(lease);
    expect(await store.consumer('a')).toMatchObject({ owner: 'a first one', position: 1 });
  });

  test('whoever is gone is followed by another, with a later epoch', async () => {
    await using subject = await make();
    const { store } = subject;
    await store.add(sampleConsumer('a'));
    const [first] = await store.attend({ instance: 'one', leaseMs: 150 });
    if (first === undefined) throw new Error('A lone process gets every consumer.');
    await expect.poll(() => store.attend({ instance: 'two', leaseMs: 60_000 }), { interval: 5 }).toHaveLength(1);
    const second = await theLease(store, 'two');
    expect(second.epoch).toBeGreaterThan(first.epoch);
    expect(await store.consumer('a')).toMatchObject({ owner: 'two' });
    await expect(store.advance({ lease: first, position: 1, kept: [] })).rejects.toMatchObject({ code: 'LeaseLost' });
    await store.advance({ lease: second, position: 1, kept: [] });
  });
}

function noting(make: MakeConsumerStore): void {
  test('what keeps its owner from delivering is shown with the time of the first, until it is over', async () => {
    await using subject = await make();
    const { store, lease } = await leased(subject.store);
    await store.advance({ lease, position: 1, kept: [message(1, 'x-1', later)] });
    await store.noteFault(lease, { code: 'DatabaseUnavailable', error: 'The log cannot be read\u0000.' });
    const first = (await store.consumer('a')).failing;
    expect(first).toMatchObject({ code: 'DatabaseUnavailable', error: expect.stringMatching(/^The log cannot be read/) });
    await store.noteFault(lease, { code: 'Internal', error: 'Something else.' });
    expect((await store.consumer('a')).failing).toEqual({ code: 'Internal', error: 'Something else.', since: first?.since });
    await store.noteFault(lease, undefined);
    expect((await store.consumer('a')).failing).toEqual({ error: 'It answered 500.', since: expect.stringMatching(/Z$/) });
  });

  test('a fault is its owner’s: whoever has the consumer next begins without, and who has lost it notes none', async () => {
    await using subject = await make();
    const { store, lease } = await leased(subject.store);
    await store.noteFault(lease, { code: 'DatabaseUnavailable', error: 'The log cannot be read.' });
    await store.setPaused('a', undefined);
    expect(await store.consumer('a')).not.toHaveProperty('failing');
    await theLease(store);
    await store.noteFault(lease, { code: 'DatabaseUnavailable', error: 'The log cannot be read.' });
    expect(await store.consumer('a')).not.toHaveProperty('failing');
  });
}

function failing(make: MakeConsumerStore): void {
  test('as long as a message that failed is not delivered, be it dead, the consumer fails: since the first, with the latest error', async () => {
    await using subject = await make();
    const { store, lease } = await leased(subject.store);
    await store.advance({ lease, position: 2, kept: [message(1, 'x-1', dead), message(2, 'x-1')] });
    const since = (await store.consumer('a')).failing?.since ?? '';
    await new Promise((resolve) => setTimeout(resolve, 2));
    await store.advance({ lease, position: 3, kept: [message(3, 'y-1', later)] });
    expect((await store.consumer('a')).failing).toEqual({ error: 'It answered 500.', since });
    await store.settle({ lease, delivered: [3], failed: [] });
    expect((await store.consumer('a')).failing).toEqual({ error: 'It answered 400.', since });
    await store.discardDead('a', [1]);
    expect(await store.consumer('a')).not.toHaveProperty('failing');
  });
}

function keeping(make: MakeConsumerStore): void {
  test('the first message of a stream is due when its failure says so, those behind it wait', async () => {
    await using subject = await make();
    const { store, lease } = await leased(subject.store);
    const kept = [message(2, 'x-1', soon), message(3, 'y-1', later), message(4, 'x-1'), message(5, 'z-1'), message(6, 'y-1')];
    await store.advance({ lease, position: 6, kept });
    await store.advance({ lease, position: 8, kept: [message(8, 'x-1')] });
    expect(await store.resume(lease)).toEqual({ position: 8, blocked: expect.arrayContaining(['x-1', 'y-1', 'z-1']) });
    expect(await duePositions(store, lease)).toEqual([[2, 4, 8], [5]]);
    expect(await duePositions(store, lease, { limit: 1, perStream: 2 })).toEqual([[2, 4]]);
    expect(await store.countBlocked(lease)).toEqual({ retried: 3, dead: 0 });
    expect(await store.consumer('a')).toMatchObject({ waiting: 6, dead: 0, failing: { error: expect.stringMatching(/^It answered 50/) } });
  });

  test('an advance whose answer got lost can be repeated', async () => {
    await using subject = await make();
    const { store, lease } = await leased(subject.store);
    const kept = [message(1, 'x-1', soon), message(2, 'x-1'), message(3, 'y-1', dead)];
    for (let time = 0; time < 2; time += 1) await store.advance({ lease, position: 3, kept });
    expect(await store.consumer('a')).toMatchObject({ position: 3, waiting: 2, dead: 1 });
    expect(await duePositions(store, lease)).toEqual([[1, 2]]);
    await store.settle({ lease, delivered: [1], failed: [] });
    await store.discardDead('a', [3]);
    await store.advance({ lease, position: 3, kept });
    expect(await store.consumer('a')).toMatchObject({ position: 3, waiting: 1, dead: 0 });
    expect(await duePositions(store, lease)).toEqual([[2]]);
  });

  test('an advance whose answer got lost can be repeated with more: what is new waits for nothing that was delivered meanwhile', async () => {
    await using subject = await make();
    const { store, lease } = await leased(subject.store);
    const kept = [message(1, 'x-1', soon), message(2, 'y-1', dead)];
    await store.advance({ lease, position: 2, kept });
    await store.settle({ lease, delivered: [1], failed: [] });
    await store.discardDead('a', [2]);
    await store.advance({ lease, position: 4, kept: [...kept, message(3, 'x-1'), message(4, 'y-1')] });
    expect((await duePositions(store, lease)).toSorted()).toEqual([[3], [4]]);
  });

  test('what is to be tried again can be made due at once', async () => {
    await using subject = await make();
    const { store, lease } = await leased(subject.store);
    await store.advance({ lease, position: 3, kept: [message(1, 'x-1', later), message(2, 'y-1', dead), message(3, 'y-1')] });
    expect(await duePositions(store, lease)).toEqual([]);
    await store.hurry(lease);
    expect(await duePositions(store, lease)).toEqual([[1]]);
  });

  test('an error of any text can be kept', async () => {
    await using subject = await make();
    const { store, lease } = await leased(subject.store);
    await store.advance({ lease, position: 1, kept: [message(1, 'x-1', { ...dead, error: 'a\u0000b\ud800' })] });
    expect(await store.deadLetters({ limit: 1 })).toHaveLength(1);
  });

  test('a delivery can pause its consumer', async () => {
    await using subject = await make();
    const { store, lease } = await leased(subject.store);
    await store.pauseHeld(lease, 'It answered 410.');
    expect(await store.consumer('a')).toMatchObject({ paused: { reason: 'It answered 410.' } });
    await expect(store.pauseHeld(lease, 'again')).rejects.toMatchObject({ code: 'LeaseLost' });
  });

  test('a delivery can pause its consumer for a reason of any text', async () => {
    await using subject = await make();
    const { store, lease } = await leased(subject.store);
    await store.pauseHeld(lease, 'It answered 410 Gone: a\u0000b\ud800');
    expect((await store.consumer('a')).paused?.reason).toMatch(/^It answered 410 Gone: a/);
  });
}

function settling(make: MakeConsumerStore): void {
  test('what is delivered is removed, the next of the stream is due, and a stream without any is free', async () => {
    await using subject = await make();
    const { store, lease } = await leased(subject.store);
    const kept = [message(1, 'x-1', soon), message(2, 'y-1', soon), message(3, 'x-1'), message(4, 'x-1')];
    await store.advance({ lease, position: 4, kept });
    expect(await store.settle({ lease, delivered: [1, 2], failed: [] })).toEqual(['y-1']);
    expect(await duePositions(store, lease)).toEqual([[3, 4]]);
    expect(await store.settle({ lease, delivered: [3], failed: [{ position: 4, failure: later }] })).toEqual([]);
    expect(await duePositions(store, lease)).toEqual([]);
    expect(await store.settle({ lease, delivered: [4], failed: [] })).toEqual(['x-1']);
  });

  test('failures are counted, with the time since the first', async () => {
    await using subject = await make();
    const { store, lease } = await leased(subject.store);
    await store.advance({ lease, position: 2, kept: [message(1, 'x-1', soon), message(2, 'x-1')] });
    await store.settle({ lease, delivered: [], failed: [{ position: 1, failure: soon }] });
    expect(await store.due({ lease, limit: 9, perStream: 9 })).toEqual([
      [
        { position: 1, stream: 'x-1', attempts: 2, failingForMs: expect.any(Number) },
        { position: 2, stream: 'x-1', attempts: 0, failingForMs: 0 },
      ],
    ]);
  });
}

function deadLetters(make: MakeConsumerStore): void {
  test('a dead letter holds back its stream until it is retried, as if it had never failed', async () => {
    await using subject = await make();
    const { store, lease } = await leased(subject.store);
    await store.advance({ lease, position: 3, kept: [message(1, 'x-1', dead), message(2, 'y-1', soon), message(3, 'x-1')] });
    await store.settle({ lease, delivered: [], failed: [{ position: 2, failure: dead }] });
    expect(await duePositions(store, lease)).toEqual([]);
    const at = expect.stringMatching(/Z$/);
    expect(await store.deadLetters({ consumer: 'a', limit: 1 })).toEqual([
      {
        consumer: 'a',
        position: 1,
        stream: 'x-1',
        eventId: expect.any(String),
        eventType: 'Happened',
        behind: 1,
        error: 'It answered 400.',
        attempts: 1,
        failedAt: at,
        diedAt: at,
      },
    ]);
    const [first] = await store.deadLetters({ limit: 1 });
    expect(await store.deadLetters({ limit: 9, ...(first && { after: first }) })).toMatchObject([{ position: 2 }]);
    expect(await store.deadLetters({ consumer: 'other', limit: 9 })).toEqual([]);
    expect(await store.countBlocked(lease)).toEqual({ retried: 0, dead: 2 });
    expect(await store.retryDead('a', [1, 3])).toEqual([1]);
    expect(await store.due({ lease, limit: 9, perStream: 1 })).toEqual([[{ position: 1, stream: 'x-1', attempts: 0, failingForMs: 0 }]]);
    expect(await store.retryDead('a', 'all')).toEqual([2]);
    expect(await store.deadLetters({ limit: 9 })).toEqual([]);
  });

  test('discarded, it lets go what waits behind it', async () => {
    await using subject = await make();
    const { store, lease } = await leased(subject.store);
    await store.advance({ lease, position: 3, kept: [message(1, 'x-1', dead), message(2, 'x-1'), message(3, 'x-1')] });
    expect(await store.discardDead('a', [1, 2])).toEqual([1]);
    expect(await duePositions(store, lease)).toEqual([[2, 3]]);
    expect(await store.discardDead('a', [1])).toEqual([]);
  });
}

function message(position: number, stream: string, failure?: MessageFailure): KeptMessage {
  return { position, stream, eventId: uuidv7(), eventType: 'Happened', ...(failure && { failure }) };
}

async function leased(store: ConsumerStore): Promise<{ readonly store: ConsumerStore; readonly lease: ConsumerLease }> {
  await store.add(sampleConsumer('a'));
  return { store, lease: await theLease(store) };
}

async function theLease(store: ConsumerStore, instance = 'one'): Promise<ConsumerLease> {
  const [lease] = await store.attend({ instance, leaseMs: 60_000 });
  if (lease === undefined) throw new Error('A lone process gets every consumer.');
  return lease;
}

async function duePositions(store: ConsumerStore, lease: ConsumerLease, { limit = 9, perStream = 9 } = {}): Promise<number[][]> {
  return (await store.due({ lease, limit, perStream })).map((messages) => messages.map(({ position }) => position));
}
