import { type ClaimedCommand, type JsonObject, KirokuError } from '@kiroku/core';
import { counting, InMemoryEventStore, InMemoryProcessManagerStore, withFaults } from '@kiroku/testing';
import { describe, expect, test, vi } from 'vitest';
import type { FollowerStatus } from '../follow-log/follower-status.ts';
import { ProcessManagerRunner, sharedLog } from './process-manager-runner.ts';

const retry = { baseMs: 1, capMs: 3 };

describe('a runner of a process manager', () => {
  test('that is stopped while it starts holds nothing and runs no more, once that is said', async () => {
    const [eventStore, store] = [new InMemoryEventStore(), new InMemoryProcessManagerStore()];
    const runner = new ProcessManagerRunner({ eventStore, store, processManager: counting, retry, leaseMs: 60_000 });
    let answer = (): void => undefined;
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const attend = vi.spyOn(store, 'attend').mockImplementationOnce(async (options) => {
      await answered;
      return InMemoryProcessManagerStore.prototype.attend.call(store, options);
    });
    const starting = runner.start();
    await expect.poll(() => attend.mock.calls.length).toBe(1);
    const stopping = runner.stop();
    answer();
    await Promise.all([starting, stopping]);
    expect(await runner.status()).toMatchObject({ name: 'counting', state: 'stopped' });
    expect(await store.attend({ instance: 'another', processManagers: ['counting'], leaseMs: 1 })).toHaveLength(4);
    await runner.start();
    expect(await runner.status()).toMatchObject({ state: 'running' });
    await runner.stop();
  });

  test('started twice, follows once; stopped, it reads no more, and what others read stays open', async () => {
    const [eventStore, store] = [new InMemoryEventStore(), new InMemoryProcessManagerStore()];
    const [attend, subscribe] = [vi.spyOn(store, 'attend'), vi.spyOn(eventStore, 'subscribe')];
    const readings = () => subscribe.mock.calls.map(([options]) => options?.signal?.aborted);
    const log = sharedLog(eventStore, [counting], { retry });
    log.start();
    await expect.poll(readings).toEqual([false]);
    const common = { eventStore, store, processManager: counting, retry, leaseMs: 60_000 };
    const runner = new ProcessManagerRunner(common);
    await Promise.all([runner.start(), runner.start()]);
    await runner.start();
    expect(attend).toHaveBeenCalledOnce();
    await expect.poll(readings).toEqual([false, false]);
    await runner.stop();
    expect(readings()).toEqual([false, true]);
    expect(attend).toHaveBeenCalledOnce();
    const another = new ProcessManagerRunner({ ...common, log });
    await another.start();
    await another.stop();
    expect(readings()).toEqual([false, true]);
    await log.stop();
  });

  test('stalls from the first look that it cannot follow, however often it looks', async () => {
    const [eventStore, store] = [new InMemoryEventStore(), new InMemoryProcessManagerStore()];
    const unreadable = withFaults(store, ['checkpoint'], () => true);
    const told: FollowerStatus[] = [];
    const onStatus = (status: FollowerStatus) => told.push(status);
    await using runner = new ProcessManagerRunner({
      eventStore,
      store: unreadable,
      processManager: counting,
      retry,
      leaseMs: 40,
      onStatus,
    });
    await runner.start();
    await expect.poll(() => told.length).toBeGreaterThan(2);
    expect(new Set(told.map(({ state, since }) => `${state} since ${since}`)).size).toBe(1);
    expect(Date.parse(told[0]?.since ?? '')).toBeGreaterThan(0);
    await runner.stop();
    expect(await runner.status()).toMatchObject({ state: 'stopped' });
  });

  test('stands still when it finds that the log is of another history', async () => {
    const [eventStore, store] = [new InMemoryEventStore(), new InMemoryProcessManagerStore()];
    await using runner = new ProcessManagerRunner({ eventStore, store, processManager: counting, retry, leaseMs: 60_000 });
    await runner.start();
    const { log } = await eventStore.head();
    vi.spyOn(eventStore, 'head').mockResolvedValue({ log: { ...log, timeline: log.timeline + 1 }, position: 1 });
    vi.spyOn(store, 'advance').mockRejectedValueOnce(new KirokuError('DatabaseUnavailable', 'It is restored.'));
    const started = { type: 'Started', data: { tally: 'a', upTo: 1, limit: 1 } };
    await eventStore.append({ streams: [{ stream: 'tally-a', expectedVersion: 'any', events: [started] }] });
    await expect.poll(() => runner.status()).toMatchObject({ name: 'counting', state: 'stalled', error: { code: 'LogMismatch' } });
    expect(await store.instance('counting', 'a')).toBeUndefined();
  });

  test('that cannot start holds nothing, and can be started again', async () => {
    const [eventStore, store] = [new InMemoryEventStore(), new InMemoryProcessManagerStore()];
    const refusal = new KirokuError('ConfigurationInvalid', 'the password was changed');
    vi.spyOn(store, 'checkpoint').mockRejectedValueOnce(refusal);
    await using runner = new ProcessManagerRunner({ eventStore, store, processManager: counting, retry, leaseMs: 60_000 });
    await expect(runner.start()).rejects.toBe(refusal);
    expect(await store.attend({ instance: 'another', processManagers: ['counting'], leaseMs: 60_000 })).toHaveLength(4);
    await store.leave('another');
    await runner.start();
    expect(await store.attend({ instance: 'another', processManagers: ['counting'], leaseMs: 60_000 })).toEqual([]); // it has them all
    expect(await runner.status()).toMatchObject({ state: 'running' });
  });

  test('that cannot follow what it was given says so when it is started', async () => {
    const [eventStore, store] = [new InMemoryEventStore(), new InMemoryProcessManagerStore()];
    const refusal = new KirokuError('ConfigurationInvalid', 'the password was changed');
    const prepare = store.prepare.bind(store);
    vi.spyOn(store, 'prepare').mockImplementationOnce(prepare).mockRejectedValueOnce(refusal);
    const runner = new ProcessManagerRunner({ eventStore, store, processManager: counting, retry, leaseMs: 60_000 });
    await expect(runner.start()).rejects.toBe(refusal);
    expect(await runner.status()).toMatchObject({ state: 'stopped' });
  });

  test('looks at once who holds what, when another has what it held', async () => {
    const [eventStore, store] = [new InMemoryEventStore(), new InMemoryProcessManagerStore()];
    const common = { processManagers: ['counting'], leaseMs: 600_000 };
    await using runner = new ProcessManagerRunner({
      eventStore,
      store,
      processManager: counting,
      retry,
      leaseMs: 600_000,
      instance: 'one',
    });
    await runner.start();
    await store.leave('one');
    await store.attend({ ...common, instance: 'another' });
    const attend = vi.spyOn(store, 'attend');
    const events = [{ type: 'Started', data: { tally: 'a', upTo: 1, limit: 1 } }];
    await eventStore.append({ streams: [{ stream: 'tally-a', expectedVersion: 'any', events }] });
    await expect.poll(() => attend.mock.calls.map(([{ instance }]) => instance)).toContain('one');
  });

  test('that was never started asks nothing of its store when it is stopped', async () => {
    const [eventStore, store] = [new InMemoryEventStore(), new InMemoryProcessManagerStore()];
    const leave = vi.spyOn(store, 'leave');
    await new ProcessManagerRunner({ eventStore, store, processManager: counting, retry }).stop();
    expect(leave).not.toHaveBeenCalled();
  });

  test('that is started anew renews its leases, under the same name', async () => {
    const [eventStore, store] = [new InMemoryEventStore(), new InMemoryProcessManagerStore()];
    const attend = vi.spyOn(store, 'attend');
    await using runner = new ProcessManagerRunner({ eventStore, store, processManager: counting, retry, leaseMs: 40 });
    await runner.start();
    await runner.stop();
    attend.mockClear();
    const prepare = vi.spyOn(store, 'prepare');
    await runner.start();
    await expect.poll(() => attend.mock.calls.length).toBeGreaterThan(2);
    expect(prepare).toHaveBeenCalledOnce(); // by what follows the log
    expect(new Set(attend.mock.calls.map(([{ instance }]) => instance)).size).toBe(1);
  });

  test('is stopped once it reads no more and has handed over', async () => {
    const [eventStore, store] = [new InMemoryEventStore(), new InMemoryProcessManagerStore()];
    const ended: string[] = [];
    const late = async (what: string) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      ended.push(what);
    };
    const subscribe = vi.spyOn(eventStore, 'subscribe').mockImplementation(async function* (options) {
      yield* InMemoryEventStore.prototype.subscribe.call(eventStore, options);
      await late('reading');
    });
    vi.spyOn(store, 'leave').mockImplementation(() => late('leaving'));
    const runner = new ProcessManagerRunner({ eventStore, store, processManager: counting, retry, leaseMs: 60_000 });
    await runner.start();
    await expect.poll(() => subscribe.mock.calls.length).toBe(1);
    await runner[Symbol.asyncDispose]();
    expect(ended).toEqual(['reading', 'leaving']);
  });

  test.each([
    ['goes along with those that are near', 10, 4],
    ['is left to go alone by those that are far', 10_000, 3],
  ])('a partition %s', async (_, others, together) => {
    await using given = await farApart({ others, isStuck: false });
    await given.runner.start();
    await given.grow();
    await expect.poll(given.atHead).toBe(4);
    expect(Math.max(...given.advance.mock.calls.map(([{ partitions }]) => partitions.length))).toBe(together);
  });

  test('looks once at a time, however long a look takes', async () => {
    const [eventStore, store] = [new InMemoryEventStore(), new InMemoryProcessManagerStore()];
    const [looks, most] = [{ now: 0 }, { count: 0 }];
    const attend = vi.spyOn(store, 'attend').mockImplementation(async () => {
      looks.now += 1;
      most.count = Math.max(most.count, looks.now);
      await new Promise((resolve) => setTimeout(resolve, 20));
      looks.now -= 1;
      return [];
    });
    await using runner = new ProcessManagerRunner({ eventStore, store, processManager: counting, retry, leaseMs: 4 });
    await runner.start();
    await expect.poll(() => attend.mock.calls.length).toBeGreaterThan(3);
    expect(most.count).toBe(1);
  });

  test('holds its leases for ten seconds, unless it is told otherwise', async () => {
    const [eventStore, store] = [new InMemoryEventStore(), new InMemoryProcessManagerStore()];
    const attend = vi.spyOn(store, 'attend');
    await using runner = new ProcessManagerRunner({ eventStore, store, processManager: counting, retry });
    await runner.start();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(attend.mock.calls).toMatchObject([[{ leaseMs: 10_000 }]]);
  });

  test.each([
    ['a name of its own, if it is given none', [undefined, undefined], 2],
    ['the name that it is given', ['one', 'one'], 1],
  ])('has %s', async (_, names, count) => {
    const [eventStore, store] = [new InMemoryEventStore(), new InMemoryProcessManagerStore()];
    const attend = vi.spyOn(store, 'attend');
    for (const name of names) {
      const instance = name === undefined ? {} : { instance: name };
      await using runner = new ProcessManagerRunner({ eventStore, store, processManager: counting, retry, ...instance });
      await runner.start();
    }
    expect(new Set(attend.mock.calls.map(([{ instance }]) => instance)).size).toBe(count);
  });
});

describe('where a process manager is', () => {
  test('is told by the partition that is farthest behind, whichever goes alone', async () => {
    await using given = await farApart();
    await given.runner.start();
    const { name, state, position: slowest = given.position } = await given.runner.status();
    expect([name, state]).toEqual(['counting', 'running']);
    expect(slowest).toBeLessThan(16);
  });

  test('is told by those that stall, before one that is farther behind', async () => {
    await using given = await farApart({ fault: new KirokuError('DatabaseUnavailable', 'It is away.') });
    await given.runner.start();
    await given.grow();
    await expect.poll(() => given.runner.status()).toMatchObject({ name: 'counting', state: 'stalled', position: given.position });
  });

  test('is told by the store where another process has it all', async () => {
    const [eventStore, store] = [new InMemoryEventStore(), new InMemoryProcessManagerStore()];
    await store.prepare('counting', (await eventStore.head()).log);
    await store.attend({ instance: 'another', processManagers: ['counting'], leaseMs: 60_000 });
    await eventStore.append({ streams: [{ stream: 'tally-a', expectedVersion: 'any', events: [{ type: 'Complained', data: {} }] }] });
    await using runner = new ProcessManagerRunner({ eventStore, store, processManager: counting, retry, leaseMs: 60_000 });
    await runner.start();
    expect(await runner.status()).toMatchObject({ name: 'counting', state: 'running', position: 0, lag: 1 });
  });

  test('is told as far as it is known while the log cannot be asked', async () => {
    const [eventStore, store] = [new InMemoryEventStore(), new InMemoryProcessManagerStore()];
    vi.spyOn(eventStore, 'head').mockRejectedValue(new KirokuError('DatabaseUnavailable', 'It is away.'));
    await store.prepare('counting', { id: '0199f0a0-0000-7000-8000-000000000000', timeline: 1 });
    const runner = new ProcessManagerRunner({ eventStore, store, processManager: counting, retry });
    expect(await runner.status()).toEqual({ name: 'counting', state: 'stopped', since: expect.any(String), position: 0, lag: undefined });
  });

  test('is told as stalled while the leases cannot be renewed', async () => {
    const [eventStore, store] = [new InMemoryEventStore(), new InMemoryProcessManagerStore()];
    let isAway = false;
    const away = withFaults(store, ['attend'], () => isAway);
    await using runner = new ProcessManagerRunner({ eventStore, store: away, processManager: counting, retry, leaseMs: 40 });
    await runner.start();
    const state = async () => (await runner.status()).state;
    expect(await state()).toBe('running');
    isAway = true;
    await expect.poll(state).toBe('stalled');
    isAway = false;
    await expect.poll(state).toBe('running');
  });
});

/** A runner of which one partition is behind, stuck in a batch that does not end by itself, or not; the others can go on, or fail with a fault. */
async function farApart({
  others = 10_000,
  isStuck = true,
  fault,
}: {
  readonly others?: number;
  readonly isStuck?: boolean;
  readonly fault?: KirokuError;
} = {}) {
  const [eventStore, store] = [new InMemoryEventStore(), new InMemoryProcessManagerStore()];
  const append = (stream: `tally-${string}`, events: readonly { readonly type: string; readonly data: JsonObject }[]) =>
    eventStore.append({ streams: [{ stream, expectedVersion: 'any', events }] });
  const grow = async () => {
    for (const tally of 'abcdefghijklmnop') await append(`tally-${tally}`, [{ type: 'Started', data: { tally, upTo: 1, limit: 1 } }]);
  };
  await grow();
  const between = Array.from({ length: others / 2 }, () => ({ type: 'Complained', data: { tally: 'z' } }));
  for (let count = 0; count < 2; count += 1) await append('tally-z', between);
  const { log, position } = await eventStore.head();
  await store.prepare('counting', log);
  const leases = await store.attend({ instance: 'before', processManagers: ['counting'], leaseMs: 60_000 });
  const partitions = leases.slice(1).map((lease) => ({ lease, after: 0 }));
  const react = () => ({ instances: [], commands: [] });
  await store.advance({ processManager: 'counting', partitions, position, instances: [], react });
  await store.leave('before');
  let go = (): void => undefined;
  const gone = new Promise<readonly ClaimedCommand[]>((resolve) => {
    go = () => resolve([]);
  });
  const advance = vi.spyOn(store, 'advance').mockImplementation((batch) => {
    if (isStuck && batch.partitions.some(({ after }) => after === 0)) return gone;
    return fault === undefined ? InMemoryProcessManagerStore.prototype.advance.call(store, batch) : Promise.reject(fault);
  });
  const runner = new ProcessManagerRunner({ eventStore, store, processManager: counting, retry, leaseMs: 60_000 });
  return {
    runner,
    /** Where the others are. */
    position,
    grow,
    advance,
    atHead: () => atHead(eventStore, store),
    async [Symbol.asyncDispose](): Promise<void> {
      go();
      await runner.stop();
    },
  };
}

/** How many partitions are at the end of the log. */
async function atHead(eventStore: InMemoryEventStore, store: InMemoryProcessManagerStore): Promise<number> {
  const { position } = await eventStore.head();
  const positions = await Promise.all([0, 1, 2, 3].map((partition) => store.checkpoint('counting', partition)));
  return positions.filter((at) => at === position).length;
}
