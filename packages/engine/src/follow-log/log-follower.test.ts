import { getEventListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { KirokuError } from '@kiroku/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Backoff } from '../backoff/backoff.ts';
import { following, identity, quick, reaches } from './log-follower.test-service.ts';

const away = new KirokuError('DatabaseUnavailable', 'It is away.');
const conflict = new KirokuError('CheckpointConflict', 'Another was faster.');
const mismatch = new KirokuError('LogMismatch', 'It is another log.');
const patient: Backoff = { baseMs: 60_000, capMs: 60_000 };

beforeEach(() => void vi.spyOn(Math, 'random').mockReturnValue(1)); // waits are as long as they may be
afterEach(() => vi.restoreAllMocks());

describe('a follower of the log', () => {
  test('applies what follows its checkpoint, and says how far it is', async () => {
    await using given = following({ checkpoint: 3, head: 9 });
    expect(await given.follower.progress()).toMatchObject({
      state: 'stopped',
      since: expect.any(String),
      position: undefined,
      lag: undefined,
    });
    await given.follower.start();
    expect(await given.follower.progress()).toMatchObject({ name: 'ledger', state: 'running', position: 3, lag: 6 });
    given.grow();
    given.grow();
    await reaches(given, 5);
    expect(given.applied).toEqual([
      { after: 3, position: 4, events: [4] },
      { after: 4, position: 5, events: [5] },
    ]);
    expect((await given.follower.progress()).lag).toBe(0);
  });

  test('does not know how far it lags while the log cannot be asked, and never lags less than nothing', async () => {
    await using given = following({ checkpoint: 3 });
    await given.follower.start();
    given.faults.head = [away];
    expect(await given.follower.progress()).toMatchObject({ position: 3, lag: undefined });
    given.at.head = 2;
    expect((await given.follower.progress()).lag).toBe(0);
  });

  test('started twice, follows once; stopped, it says so once, and can be started again', async () => {
    await using given = following();
    await given.follower.stop();
    await given.follower.start();
    await given.follower.start();
    expect(given.consumer.prepare).toHaveBeenCalledExactlyOnceWith(identity);
    expect(given.options.eventStore.head).toHaveBeenCalledOnce();
    await given.follower.stop();
    await given.follower.stop();
    expect(given.states()).toEqual(['running', 'stopped']);
    given.grow();
    await given.follower.start();
    await reaches(given, 1);
  });

  test('stopped while it starts, is stopped once that is said', async () => {
    await using given = following();
    given.consumer.prepare.mockImplementationOnce(() => delay(20));
    const starting = given.follower.start();
    await Promise.all([starting, given.follower.start(), given.follower.stop()]);
    expect(given.consumer.prepare).toHaveBeenCalledOnce();
    expect(await given.follower.progress()).toMatchObject({ state: 'stopped' });
    expect(given.states()).toEqual(['running', 'stopped']);
  });

  test('stops after the batch in hand', async () => {
    await using given = following();
    given.consumer.apply.mockImplementationOnce(async () => {
      await delay(20);
      given.at.checkpoint = 1;
    });
    given.grow();
    await given.follower.start();
    await expect.poll(() => given.consumer.apply.mock.calls.length, { interval: 1 }).toBe(1);
    await given.follower.stop();
    expect(given.at.checkpoint).toBe(1);
    expect(given.states()).toEqual(['running', 'stopped']);
  });

  test('does not start at a fault that no retry mends', async () => {
    await using given = following();
    given.faults.prepare = [new KirokuError('DefinitionInvalid', 'no')];
    await expect(given.follower.start()).rejects.toMatchObject({ code: 'DefinitionInvalid' });
    expect(given.states()).toEqual([]);
    await given.follower.start();
    expect(given.states()).toEqual(['running']);
  });
});

describe('what does not concern it', () => {
  test('is passed over with the next that does', async () => {
    await using given = following();
    given.grow('Other');
    given.grow();
    await given.follower.start();
    await reaches(given, 2);
    expect(given.applied).toEqual([{ after: 0, position: 2, events: [2] }]);
  });

  test('is passed over after a moment, in which it may lag behind what it says', async () => {
    await using given = following();
    given.grow('Other');
    let seenAt = Number.POSITIVE_INFINITY;
    given.whenConcerned(() => {
      seenAt = performance.now();
    });
    await given.follower.start();
    await reaches(given, 1);
    await expect.poll(() => given.applied, { interval: 1 }).toEqual([{ after: 0, position: 1, events: [] }]);
    expect(performance.now() - seenAt).toBeGreaterThan(195);
    await delay(250);
    expect(given.applied).toHaveLength(1);
  });

  test('does not put that off, however much comes', async () => {
    await using given = following();
    await given.follower.start();
    const growing = setInterval(() => given.grow('Other'), 20);
    await expect.poll(() => given.applied.length, { interval: 5 }).toBeGreaterThan(1);
    clearInterval(growing);
    expect(given.applied[1]?.after).toBe(given.applied[0]?.position);
  });

  test('does not put that off when there is no end of it', async () => {
    await using given = following();
    given.endless.value = true;
    await given.follower.start();
    await expect.poll(() => given.applied.length, { interval: 5 }).toBeGreaterThan(1);
    given.endless.value = false;
    expect(given.applied[1]?.after).toBe(given.applied[0]?.position);
  });

  test('is passed over at once when it stops', async () => {
    await using given = following();
    given.grow('Other');
    let stopped: Promise<void> | undefined;
    given.whenConcerned(() => {
      stopped ??= given.follower.stop();
    });
    await given.follower.start();
    await expect.poll(() => stopped !== undefined).toBe(true);
    await stopped;
    expect(given.applied).toEqual([{ after: 0, position: 1, events: [] }]);
    expect(given.asked).toEqual([false, true, true]); // nobody waits
  });
});

describe('while it puts off to pass over what does not concern it', () => {
  test('a follower stops at once, though it waits for more', async () => {
    await using given = following();
    given.grow('Other');
    vi.useFakeTimers({ toFake: ['setTimeout'] }); // the moment does not end
    await given.follower.start();
    await expect.poll(() => given.asked).toEqual([false, false]);
    vi.useRealTimers();
    await given.follower.stop();
    expect(given.applied).toEqual([{ after: 0, position: 1, events: [] }]);
  });

  test('a follower leaves nothing behind with each wait', async () => {
    await using given = following();
    given.endless.value = true;
    await given.follower.start();
    await expect.poll(() => given.asked.length, { interval: 5 }).toBeGreaterThan(20);
    given.endless.value = false;
    const [stopping] = given.signals;
    expect(stopping && getEventListeners(stopping, 'abort').length).toBeLessThan(2);
  });
});

describe('a follower that cannot go on', () => {
  test('tries again until it can, and passes over nothing', async () => {
    await using given = following();
    await given.follower.start();
    given.faults.apply = [away, away, 'a text'];
    given.grow();
    await reaches(given, 1);
    expect(given.states()).toEqual(['running', 'stalled', 'stalled', 'stalled', 'running']);
    expect(given.told.map(({ error }) => error)).toEqual([undefined, away, away, new Error('a text'), undefined]);
    expect(given.applied).toEqual([{ after: 0, position: 1, events: [1] }]);
  });

  test('stalls from its first fault on, and tells the last', async () => {
    await using given = following();
    given.options.retry = patient;
    for (const fault of [away, mismatch]) {
      given.consumer.prepare.mockImplementationOnce(async () => {
        await delay(5);
        throw fault;
      });
    }
    await given.follower.start();
    await expect.poll(given.states).toEqual(['stalled', 'stalled']);
    expect(await given.follower.progress()).toMatchObject({ state: 'stalled', position: undefined, error: mismatch });
    await given.follower.stop();
    const [first, second, third] = given.told;
    expect([first?.error, second?.error, second?.since]).toEqual([away, mismatch, first?.since]);
    expect(third?.since).not.toBe(first?.since);
  });

  test('waits longer than a moment after a fault, and not after a conflict, as when another instance was faster', async () => {
    await using given = following();
    await given.follower.start();
    given.options.retry = patient;
    given.faults.apply = [conflict];
    given.grow();
    await reaches(given, 1);
    expect(given.states()).toEqual(['running']);
    expect(given.consumer.prepare).toHaveBeenCalledTimes(2); // it looks where the other is
    given.faults.apply = [away];
    given.grow();
    await expect.poll(given.states).toEqual(['running', 'stalled']);
    await delay(50);
    expect(given.consumer.prepare).toHaveBeenCalledTimes(2);
  });

  test('waits a tenth of a second at first, and twice as long then, unless it is told otherwise', async () => {
    await using given = following();
    Reflect.deleteProperty(given.options, 'retry');
    await given.follower.start();
    const triedAt: number[] = [];
    given.consumer.apply.mockImplementation(async () => {
      triedAt.push(performance.now());
      if (triedAt.length < 3) throw away;
    });
    given.grow();
    await expect.poll(() => triedAt.length, { interval: 5 }).toBe(3);
    const [first = 0, second = 0, third = 0] = triedAt;
    expect(second - first).toBeGreaterThan(95);
    expect(third - second).toBeGreaterThan(195);
  });

  test('waits a moment after a conflict, whatever it waits after a fault', async () => {
    await using given = following();
    await given.follower.start();
    const triedAt: number[] = [];
    given.consumer.apply.mockImplementation(async () => {
      triedAt.push(performance.now());
      if (triedAt.length < 2) throw conflict;
    });
    given.grow();
    await expect.poll(() => triedAt.length, { interval: 5 }).toBe(2);
    expect((triedAt[1] ?? 0) - (triedAt[0] ?? 0)).toBeGreaterThan(15);
  });

  test.each(['goes on', 'is started anew'])('has forgotten its faults once it %s', async (how) => {
    await using given = following();
    given.options.retry = how === 'goes on' ? quick : patient;
    await given.follower.start();
    given.faults.apply = [away];
    given.grow();
    await expect.poll(given.states, { interval: 1 }).toContain('stalled');
    if (how === 'goes on') await reaches(given, 1);
    else {
      await given.follower.stop();
      given.faults.apply = [conflict];
      await given.follower.start();
    }
    given.options.retry = patient;
    if (how === 'goes on') given.faults.apply = [conflict];
    given.grow();
    await reaches(given, 2);
  });

  test('runs again as soon as it has found that it is at the end', async () => {
    await using given = following({ checkpoint: 3 });
    given.faults.prepare = [away];
    await given.follower.start();
    await expect.poll(given.states).toEqual(['stalled', 'running']);
  });

  test('behind the end it runs again only when it has gone on', async () => {
    await using given = following({ checkpoint: 3, head: 4 });
    given.faults.prepare = [away];
    await given.follower.start();
    await reaches(given, 3);
    expect(given.states()).toEqual(['stalled']);
    given.grow();
    await expect.poll(given.states).toEqual(['stalled', 'running']);
  });
});

describe('a checkpoint beyond the end of the log', () => {
  test.each([
    ['its own', { checkpoint: 5, head: 4 }],
    ['that of one it takes along', { checkpoint: 3, head: 4, farthest: 5 }],
  ])('stalls it: %s', async (_, ends) => {
    await using given = following(ends);
    given.options.retry = patient;
    await given.follower.start();
    const { state, error } = await given.follower.progress();
    expect([state, error]).toMatchObject(['stalled', { code: 'LogMismatch', details: { checkpoint: 5, head: 4 } }]);
  });

  test('does not, if another instance has moved both meanwhile', async () => {
    await using given = following({ checkpoint: 5, head: 4 });
    given.consumer.prepare.mockImplementation(async () => {
      given.at.head = 5;
    });
    await given.follower.start();
    expect(given.states()).toEqual(['running']);
  });
});
