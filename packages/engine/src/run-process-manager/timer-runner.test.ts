import { defineProcessManager, type TimerSetting } from '@kiroku/core';
import { InMemoryProcessManagerStore, withFaults } from '@kiroku/testing';
import { v7 as uuid } from 'uuid';
import { describe, expect, test, vi } from 'vitest';
import { TimerRunner, type TimerRunnerOptions } from './timer-runner.ts';

const never = 3_600_000;
const quickly = { interval: 5, timeout: 15_000 };

/** Notes which of its timers have fired; "again" sets one of its own. */
const waking = defineProcessManager({
  name: 'waking',
  events: {},
  commands: {},
  initialState: { fired: [] as readonly string[] },
  on: {},
  onTimer: ({ fired }, { name }) => ({
    state: { fired: [...fired, name] },
    timers: name === 'again' ? [{ name: 'after that', dueInMs: 0 }] : [],
  }),
});

describe('timers', () => {
  test('fire each once, in several transactions at a time while there are more than go into one', async () => {
    await using given = await atWork({ batchSize: 5, concurrency: 3 });
    const ids = Array.from({ length: 60 }, (_, n) => `order-${'x'.repeat(n % 3)}${n + 10}`); // the store in memory shares them out by their length
    await given.set(ids.map((id) => [id, 'timeout', 0]));
    given.runner.start();
    await expect.poll(() => given.fired(), quickly).toEqual(ids.map((id) => [id, ['timeout']]));
    const shares = given.fire.mock.calls.flatMap(([{ share }]) => share ?? []);
    expect(new Set(shares.map(({ part, parts }) => `${part} of ${parts}`))).toEqual(new Set(['0 of 3', '1 of 3', '2 of 3']));
  });

  test('that were set when others fired do not wait for the next look', async () => {
    await using given = await atWork({ pollMs: never });
    await given.set([['a', 'again', 0]]);
    given.runner.start();
    await expect.poll(() => given.fired(), quickly).toEqual([['a', ['again', 'after that']]]);
    expect(given.fire.mock.calls.filter(([{ share }]) => share !== undefined)).toEqual([]); // they are few
  });

  test('that another process has set fire soon, though the next known is due much later', async () => {
    await using given = await atWork({ pollMs: 10 });
    await given.set([['a', 'much later', never]]);
    given.runner.start();
    await expect.poll(() => given.fire.mock.calls.length, quickly).toBeGreaterThan(0);
    await given.set([['a', 'soon', 1]]);
    await expect.poll(() => given.fired(), quickly).toEqual([['a', ['soon']]]);
  });

  test('fire after a fault of the store, which is told with the process manager', async () => {
    const faults: unknown[] = [];
    let failures = 2;
    await using given = await atWork({
      pollMs: 5,
      store: (store) => withFaults(store, ['fire'], (_, when) => when === 'before' && failures-- > 0),
      onFault: (error, processManager) => faults.push([processManager, error]),
    });
    await given.set([['a', 'timeout', 0]]);
    given.runner.start();
    await expect.poll(() => given.fired(), quickly).toEqual([['a', ['timeout']]]);
    expect(faults).toMatchObject(Array.from({ length: 2 }, () => ['waking', { code: 'DatabaseUnavailable' }]));
  });

  test('that have fired are told of, so that what they send is delivered at once', async () => {
    const onFire = vi.fn();
    await using given = await atWork({ pollMs: 5, onFire });
    given.runner.start();
    await expect.poll(() => given.fire.mock.calls.length, quickly).toBeGreaterThan(2);
    expect(onFire).not.toHaveBeenCalled();
    await given.set([['a', 'timeout', 0]]);
    await expect.poll(() => onFire.mock.calls.length, quickly).toBe(1);
  });

  test('that are due and in other hands are not asked for all the time', async () => {
    await using given = await atWork({ pollMs: never });
    given.fire.mockResolvedValue({ fired: 0, nextInMs: 0 });
    given.runner.start();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(given.fire.mock.calls.length).toBeLessThan(10);
  });

  test('that are being fired are waited for by who stops', async () => {
    await using given = await atWork({});
    let isDone = false;
    given.fire.mockImplementation(async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      isDone = true;
      return { fired: 0 };
    });
    given.runner.start();
    await given.runner[Symbol.asyncDispose]();
    expect(isDone).toBe(true);
    expect(given.fire).toHaveBeenCalledOnce();
  });

  test('are looked for once at a time by a runner that is started twice, and again when it is started anew', async () => {
    await using given = await atWork({ pollMs: never });
    given.runner.start();
    given.runner.start();
    expect(given.fire).toHaveBeenCalledOnce();
    await given.runner.stop();
    await given.set([['a', 'timeout', 0]]);
    given.runner.start();
    await expect.poll(() => given.fired(), quickly).toEqual([['a', ['timeout']]]);
  });

  test('of a share that fails do not let go of the others: these are waited for, and each fault is told', async () => {
    const faults: unknown[] = [];
    await using given = await atWork({ batchSize: 5, pollMs: never, onFault: (error) => faults.push(error) });
    let finish = (): void => undefined;
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    given.fire.mockImplementation(async ({ share }) => {
      if (share?.part === 0 || share?.part === 1) throw share.part;
      if (share !== undefined) await finished;
      return { fired: share === undefined ? 5 : 0 };
    });
    given.runner.start();
    await expect.poll(() => given.fire.mock.calls.length, quickly).toBe(4);
    const stopped = vi.fn();
    const stopping = given.runner.stop().then(stopped);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(stopped).not.toHaveBeenCalled();
    finish();
    await stopping;
    expect(faults).toEqual([0, 1]);
  });

  test('of a share that fails are tried again after the wait that a fault has, not at once', async () => {
    await using given = await atWork({ batchSize: 5, pollMs: never });
    given.fire.mockImplementation(async ({ share }) => {
      if (share?.part === 1) throw new Error('away');
      return { fired: share === undefined ? 5 : 0 };
    });
    given.runner.start();
    await expect.poll(() => given.fire.mock.calls.length, quickly).toBe(4);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(given.fire).toHaveBeenCalledTimes(4);
  });
});

type Setting = readonly [instance: string, name: string, inMs: number];
type Given = Partial<Omit<TimerRunnerOptions, 'store'>> & {
  readonly store?: (store: InMemoryProcessManagerStore) => InMemoryProcessManagerStore;
};

async function atWork({ store: wrap = (store) => store, ...options }: Given) {
  const store = new InMemoryProcessManagerStore();
  await store.prepare('waking', { id: uuid(), timeline: 1 });
  const runner = new TimerRunner({ store: wrap(store), processManagers: [waking], ...options });
  const ids = new Set<string>();
  let position = 0;
  return {
    runner,
    fire: vi.spyOn(store, 'fire'),
    /** Sets timers, of instances that there may not have been before. */
    set: async (settings: readonly Setting[]) => {
      const partitions = (await store.attend({ instance: 'test', processManagers: ['waking'], leaseMs: never })).map((lease) => ({
        lease,
        after: position,
      }));
      position += 1;
      const timers = settings.map(([instance, name, inMs]): TimerSetting => ({ instance, name, id: uuid(), due: { inMs }, metadata: {} }));
      const fresh = [...new Set(settings.map(([id]) => id))].filter((id) => !ids.has(id));
      for (const id of fresh) ids.add(id);
      const instances = fresh.map((id) => ({ id, state: waking.initialState, status: 'running' as const }));
      await store.advance({
        processManager: 'waking',
        partitions,
        position,
        instances: [],
        react: () => ({ instances, commands: [], timers }),
      });
    },
    /** By instance, what has fired. */
    fired: () => Promise.all([...ids].map(async (id) => [id, (await store.instance('waking', id))?.state.fired])),
    [Symbol.asyncDispose]: () => runner.stop(),
  };
}
