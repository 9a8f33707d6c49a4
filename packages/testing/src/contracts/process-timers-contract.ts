import type { DueTimer, ProcessChanges } from '@kiroku/core';
import { expect, test } from 'vitest';
import {
  advance,
  claim,
  command,
  fail,
  fire,
  type MakeProcessManagerStore,
  manager,
  none,
  prepared,
  running,
  timer,
} from './process-manager-store-samples.ts';

/** Timers fire when they are due, once. */
export function processTimersContract(make: MakeProcessManagerStore): void {
  test('fires a timer when it is due, once, with what the instance makes of it', async () => {
    await using subject = await prepared(make);
    await advance(subject, { instances: [running], commands: [], timers: [timer('late', 0), timer('later', 60_000)] });
    const fired = await fire(subject, { instances: [], commands: [command(1)] });
    expect(fired.map((each) => [each.instance, each.name, each.metadata])).toEqual([['order-1', 'late', { correlationId: 'c-1' }]]);
    expect(await fire(subject, none)).toEqual([]);
    expect(await claim(subject)).toHaveLength(1);
  });

  test('says how long it is until the next', async () => {
    await using subject = await prepared(make);
    const options = { processManager: manager, limit: 10, react: () => none };
    expect((await subject.store.fire(options)).nextInMs).toBeUndefined();
    await advance(subject, { instances: [running], commands: [], timers: [timer('later', 60_000)] });
    const { fired, nextInMs = 0 } = await subject.store.fire(options);
    expect(fired).toBe(0);
    expect(nextInMs).toBeGreaterThan(30_000);
    expect(nextInMs).toBeLessThanOrEqual(60_000);
  });

  test('keeps the last setting of a name', async () => {
    await using subject = await prepared(make);
    const moment = { ...timer('b', 0, 2), due: { at: '2020-01-01T00:00:00.000Z' } };
    await advance(subject, {
      instances: [running],
      commands: [],
      timers: [timer('a', 0), timer('a', 60_000, 3), timer('b', 60_000), moment],
    });
    expect((await fire(subject, none)).map((each) => [each.name, each.id])).toEqual([['b', moment.id]]);
    await advance(
      subject,
      { instances: [running], commands: [], timers: [timer('a', 0, 4), { instance: 'order-1', name: 'a', cancel: true }] },
      5,
    );
    expect(await fire(subject, none)).toEqual([]);
  });

  test('sets a timer anew with all that belongs to the new setting', async () => {
    await using subject = await prepared(make);
    await advance(subject, { instances: [running], commands: [], timers: [timer('a', 60_000)] });
    const anew = { ...timer('a', 0, 2), metadata: { correlationId: 'c-2' } };
    await advance(subject, { instances: [running], commands: [], timers: [anew] }, 5);
    expect(await fire(subject, none)).toMatchObject([{ id: anew.id, metadata: anew.metadata }]);
  });

  test('fires whatever else is due of the same instance with a timer', async () => {
    await using subject = await prepared(make);
    const due = (day: number) => ({ due: { at: `2020-01-0${day}T00:00:00.000Z` } });
    const theirs = { ...timer('b', 0, 2), ...due(2), instance: 'order-2' };
    const timers = [{ ...timer('a', 0), ...due(1) }, theirs, { ...timer('c', 0, 3), ...due(3) }, timer('later', 60_000, 4)];
    await advance(subject, { instances: [running, { ...running, id: 'order-2' }], commands: [], timers });
    expect((await fire(subject, none, 1)).map(({ name }) => name)).toEqual(['a', 'c']);
    expect((await fire(subject, none, 1)).map(({ name }) => name)).toEqual(['b']);
  });

  test('fires those first that have been due for longest', async () => {
    await using subject = await prepared(make);
    const ids = ['order-1', 'order-2', 'order-3'];
    const timers = ids.map((instance, n) => ({ ...timer('t', 0, n + 1), instance, due: { at: `2020-01-0${3 - n}T00:00:00.000Z` } }));
    await advance(subject, { instances: ids.map((id) => ({ ...running, id })), commands: [], timers });
    expect((await fire(subject, none, 1)).map(({ instance }) => instance)).toEqual(['order-3']);
    expect((await fire(subject, none)).map(({ instance }) => instance)).toEqual(['order-2', 'order-1']);
  });

  test('cancels the timers of an instance that is done', async () => {
    await using subject = await prepared(make);
    await advance(subject, { instances: [running], commands: [], timers: [timer('a', 0)] });
    await advance(subject, { instances: [{ ...running, status: 'done' }], commands: [], timers: [timer('b', 0, 2)] }, 5);
    expect(await fire(subject, none)).toEqual([]);
  });

  test('fires each timer once, however many fire at the same time', async () => {
    await using subject = await prepared(make);
    const ids = Array.from({ length: 40 }, (_, n) => `order-${n + 1}`);
    const instances = ids.map((id) => ({ ...running, id }));
    const timers = ids.map((instance, n) => ({ ...timer('t', 0, n + 1), instance }));
    await advance(subject, { instances, commands: [], timers });
    const fired: string[] = [];
    const some = async (): Promise<void> => {
      for (let tries = 0; tries < 20; tries++) fired.push(...(await fire(subject, none, 5)).map(({ instance }) => instance));
    };
    await Promise.all([some(), some(), some()]);
    expect(fired.sort()).toEqual(ids.sort());
  });

  test('fires each timer in one share of the instances', async () => {
    await using subject = await prepared(make);
    const ids = Array.from({ length: 40 }, (_, n) => `order-${n + 1}`);
    const long = { at: '2020-01-01T00:00:00.000Z' };
    const timers = ids.map((instance, n) => ({ ...timer('t', 0, n + 1), instance, due: long }));
    await advance(subject, { instances: ids.map((id) => ({ ...running, id })), commands: [], timers });
    const fired: string[] = [];
    const react = (due: readonly DueTimer[]): ProcessChanges => {
      fired.push(...due.map(({ instance }) => instance));
      return none;
    };
    const shares: number[] = [];
    for (const part of [0, 1, 2]) {
      shares.push((await subject.store.fire({ processManager: manager, limit: 100, react, share: { part, parts: 3 } })).fired);
    }
    expect(fired.sort()).toEqual(ids.sort());
    expect(Math.max(...shares)).toBeLessThan(ids.length);
  });

  test('keeps the timer when the reaction fails', async () => {
    await using subject = await prepared(make);
    await advance(subject, { instances: [running], commands: [], timers: [timer('a', 0)] });
    await expect(subject.store.fire({ processManager: manager, limit: 10, react: fail })).rejects.toThrow('the reaction failed');
    expect(await fire(subject, none)).toHaveLength(1);
  });
}
