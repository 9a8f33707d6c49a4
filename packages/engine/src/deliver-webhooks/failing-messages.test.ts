import { KirokuError } from '@kiroku/core';
import { describe, expect, test } from 'vitest';
import { DeliveryWorld } from './delivery.test-service.ts';

const quickly = { interval: 5, timeout: 15_000 };

describe('a message that fails', () => {
  test('holds back its stream, and no other, until it is delivered', async () => {
    await using world = await DeliveryWorld.open();
    await world.addConsumer('crm', { terms: { maxAttempts: 1_000 } });
    let mended = false;
    world.receiver.answer = ({ position }) => (position === '2' && !mended ? 500 : 204);
    await world.append('bad-1', 4);
    await world.append('good-1', 3);
    world.deliver();
    await expect.poll(async () => await world.consumer(), quickly).toMatchObject({ position: 7, waiting: 3 });
    expect(world.receiver.accepted()).toEqual(expect.arrayContaining([1, 5, 6, 7]));
    expect((await world.consumer()).failing?.error).toBe('It answered 500: as the test wants');
    await world.append('bad-1');
    mended = true;
    await expect.poll(() => world.receiver.accepted('bad-1'), quickly).toEqual([1, 2, 3, 4, 8]);
    await expect.poll(async () => await world.consumer(), quickly).toMatchObject({ position: 8, waiting: 0 });
  });

  test('is not delivered again because the log cannot be read for the next of its stream', async () => {
    await using world = await DeliveryWorld.open();
    await world.addConsumer('crm', { terms: { maxAttempts: 1_000 } });
    let mended = false;
    world.receiver.answer = ({ position }) => (position === '1' && !mended ? 500 : 204);
    await world.append('a-1', 2);
    let unreadable = 5; // times
    const readLog = world.log.readLog.bind(world.log);
    world.log.readLog = async (options) => {
      if (mended && options?.after === 1 && unreadable-- > 0) throw new KirokuError('DatabaseUnavailable', 'not now');
      return readLog(options);
    };
    world.deliver();
    await expect.poll(async () => await world.consumer(), quickly).toMatchObject({ position: 2, waiting: 2 });
    mended = true;
    await expect.poll(async () => await world.consumer(), quickly).toMatchObject({ waiting: 0 });
    expect(world.receiver.accepted()).toEqual([1, 2]);
    expect(unreadable).toBeLessThan(1);
  });

  test('is counted, and so is one that is delivered', async () => {
    await using world = await DeliveryWorld.open();
    await world.addConsumer();
    const answers = [500, 204];
    world.receiver.answer = () => answers.shift() ?? 204;
    const attempts: unknown[] = [];
    world.deliver({ onAttempt: (...attempt) => attempts.push(attempt) });
    await world.append('a-1');
    await expect
      .poll(() => attempts, quickly)
      .toEqual([
        ['crm', 'failed'],
        ['crm', 'delivered'],
      ]);
  });

  test('because its event is gone from the log says so', async () => {
    await using world = await DeliveryWorld.open();
    await world.addConsumer('crm', { terms: { maxAttempts: 2 } });
    world.receiver.answer = () => 500;
    const readLog = world.log.readLog.bind(world.log);
    world.log.readLog = async (options) => ({ ...(await readLog(options)), ...(options?.until === 1 && { events: [] }) });
    await world.append('a-1');
    world.deliver();
    const told = async () => (await world.store.deadLetters({ limit: 1 })).map(({ error }) => error);
    await expect.poll(told, quickly).toEqual(['The log has no event at position 1.']);
  });

  test('too often becomes a dead letter, behind which its stream waits until somebody retries or discards it', async () => {
    await using world = await DeliveryWorld.open();
    await world.addConsumer('crm', { terms: { maxAttempts: 3 } });
    world.receiver.answer = ({ position }) => (position === '1' || position === '4' ? 400 : 204);
    await world.append('a-1', 3);
    await world.append('b-1', 2);
    world.deliver();
    const dead = async () => (await world.store.deadLetters({ limit: 9 })).toSorted((a, b) => a.position - b.position);
    await expect.poll(dead, quickly).toMatchObject([
      { position: 1, attempts: 3, behind: 2 },
      { position: 4, attempts: 3, behind: 1 },
    ]);
    expect(world.receiver.accepted()).toEqual([]);
    await world.store.discardDead('crm', [1]);
    world.receiver.answer = () => 204;
    await world.store.retryDead('crm', [4]);
    await expect.poll(() => world.receiver.accepted().toSorted(), quickly).toEqual([2, 3, 4, 5]);
  });

  test('for any reason is kept with it: no answer, a broken connection, a redirect', async () => {
    await using world = await DeliveryWorld.open();
    // only who hangs is not waited for: the others may answer as late as they like
    await world.addConsumer('crm', { filter: { categories: ['a'] }, terms: { maxAttempts: 1, timeoutMs: 200 } });
    await world.addConsumer('erp', { filter: { categories: ['b', 'c'] }, terms: { maxAttempts: 1, timeoutMs: 60_000 } });
    const answers = ['hang', 'close', { status: 308, headers: { location: 'https://elsewhere.example/' } }] as const;
    world.receiver.answer = ({ position }) => answers[Number(position) - 1] ?? 204;
    for (const stream of ['a-1', 'b-1', 'c-1'] as const) await world.append(stream);
    world.deliver();
    await expect.poll(() => world.store.deadLetters({ limit: 9 }), quickly).toHaveLength(3);
    const errors = (await world.store.deadLetters({ limit: 9 })).toSorted((a, b) => a.position - b.position).map(({ error }) => error);
    expect(errors).toEqual([
      'It did not answer within 200 ms.',
      expect.stringMatching(/^It cannot be reached \(\w+\)/),
      'It answered 308, a redirect to https://elsewhere.example/, which is not followed. Register the consumer with the new URL.',
    ]);
  });

  test('because the consumer asks for time is no failed attempt, and all messages wait so long', async () => {
    await using world = await DeliveryWorld.open();
    await world.addConsumer('crm', { terms: { maxAttempts: 1, concurrency: 1 } });
    world.receiver.answer = () => ({ status: 429, headers: { 'retry-after': '3600' } });
    await world.append('a-1');
    await world.append('b-1');
    world.deliver();
    await expect.poll(async () => (await world.consumer()).failing?.error, quickly).toBe('It answered 429: as the test wants');
    expect(await world.consumer()).toMatchObject({ position: 1, waiting: 1, dead: 0 });
    expect(world.receiver.received).toHaveLength(1);
  });

  test('with all others, because the consumer is down, is tried one at a time, and all at once when it answers again', async () => {
    await using world = await DeliveryWorld.open();
    await world.addConsumer('crm', { terms: { maxAttempts: 1_000, concurrency: 8 } });
    let down = true;
    world.receiver.answer = () => (down ? 503 : 204);
    for (let n = 0; n < 40; n += 1) await world.append(`order-${n}`);
    world.deliver({ retry: { baseMs: 5, capMs: 60_000 } });
    await expect.poll(() => world.receiver.received.length, quickly).toBeGreaterThan(50);
    world.receiver.mostUnderWay = 0;
    const before = world.receiver.received.length;
    await expect.poll(() => world.receiver.received.length, quickly).toBeGreaterThan(before + 5);
    expect(world.receiver.mostUnderWay).toBe(1);
    down = false;
    await expect.poll(() => world.receiver.accepted().length, quickly).toBe(40);
    await expect.poll(async () => await world.consumer(), quickly).toMatchObject({ position: 40, waiting: 0 });
    world.receiver.answer = () => new Promise((resolve) => setTimeout(() => resolve(204), 20));
    world.receiver.mostUnderWay = 0;
    for (let n = 0; n < 40; n += 1) await world.append(`order-${n}`);
    await expect.poll(() => world.receiver.accepted().length, quickly).toBe(80);
    expect(world.receiver.mostUnderWay).toBe(8);
  });
});
