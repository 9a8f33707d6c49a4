import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { Health, type HealthOptions } from './health.ts';

const make = (options: Partial<HealthOptions> = {}) => new Health({ service: 'shop', instance: 'a', cacheMs: 0, ...options });

describe('health', () => {
  it('is starting, and not ready, until it is said to be ready', async () => {
    const health = make();
    expect(await health.report()).toMatchObject({ state: 'starting', ready: false });
    health.ready();
    expect(await health.report()).toMatchObject({ state: 'ready', ready: true });
  });

  it('says since when it starts, and what it waits for now', async () => {
    vi.useFakeTimers({ now: new Date('2026-11-24T10:00:00Z'), toFake: ['Date'] });
    const health = make();
    for (const minute of ['00', '01', '02']) {
      vi.setSystemTime(new Date(`2026-11-24T10:${minute}:00Z`));
      health.starting(`migrations, minute ${minute}`);
    }
    expect(health.last).toMatchObject({ state: 'starting', since: '2026-11-24T10:00:00.000Z', reason: 'migrations, minute 02' });
    vi.useRealTimers();
  });

  it('is unready when a required dependency is down, with the reason', async () => {
    const health = make();
    health.register('database', () => Promise.reject(new Error('connection refused')));
    health.ready();
    expect(await health.report()).toMatchObject({
      state: 'unready',
      ready: false,
      dependencies: { database: { state: 'down', reason: 'connection refused', latencyMs: expect.any(Number) } },
    });
  });

  it('stays ready, but degraded, when only an optional dependency is down', async () => {
    const health = make();
    health.register('mail', () => Promise.reject(new Error('no')), { required: false });
    health.ready();
    expect(await health.report()).toMatchObject({ state: 'degraded', ready: true });
  });

  it('tells once that a dependency is down, and once that all are up again', async () => {
    const told: unknown[] = [];
    const health = make({ onChange: ({ state, dependencies }) => told.push([state, dependencies.database?.reason]) });
    let reason: string | undefined = 'not there yet';
    health.register('database', () => {
      if (reason !== undefined) throw new Error(reason);
    });
    await health.report();
    expect(told, 'what it waits for while it starts is told by whoever starts it').toEqual([]);
    health.ready();
    for (const next of [undefined, 'gone', 'still gone', undefined, undefined]) {
      reason = next;
      await health.report();
    }
    expect(told).toEqual([
      ['unready', 'gone'],
      ['ready', undefined],
    ]);
  });

  it('tells of what is optional once that has lasted', async () => {
    vi.useFakeTimers({ now: new Date('2026-11-24T10:00:00Z'), toFake: ['Date'] });
    const told: string[] = [];
    const health = make({ onChange: ({ state }) => told.push(state) });
    health.register('lease', () => Promise.reject(new Error('nobody holds it')), { required: false });
    health.ready();
    await health.report();
    expect(told).toEqual([]);
    vi.setSystemTime(new Date('2026-11-24T10:00:05Z'));
    await health.report();
    await health.report();
    expect(told).toEqual(['degraded']);
    vi.useRealTimers();
  });

  it('is not ready while stopping, however well the dependencies are', async () => {
    const health = make();
    health.register('database', () => undefined);
    health.ready();
    health.stopping();
    expect(await health.report()).toMatchObject({ state: 'stopping', ready: false });
  });

  it('remembers since when a dependency has been in its state', async () => {
    vi.useFakeTimers({ now: new Date('2026-11-24T10:00:00Z'), toFake: ['Date'] });
    const health = make();
    let works = true;
    health.register('database', () => {
      if (!works) throw new Error('gone');
    });
    await health.report();
    vi.setSystemTime(new Date('2026-11-24T10:05:00Z'));
    expect((await health.report()).dependencies.database?.since).toBe('2026-11-24T10:00:00.000Z');
    works = false;
    expect((await health.report()).dependencies.database?.since).toBe('2026-11-24T10:05:00.000Z');
    vi.useRealTimers();
  });

  it('does not wait for a dependency that never answers', async () => {
    const health = make({ checkTimeoutMs: 20 });
    health.register('database', () => new Promise(() => undefined));
    const { dependencies } = await health.report();
    expect(dependencies.database).toMatchObject({ state: 'down', reason: 'no answer within 20 ms' });
  });

  it('tells how long each took to answer, or was waited for, to a tenth of a millisecond', async () => {
    const health = make();
    health.register('slow', () => sleep(30));
    health.register('hanging', () => new Promise(() => undefined), { timeoutMs: 60 });
    const began = performance.now();
    const { dependencies } = await health.report();
    const took = performance.now() - began;
    const latencies = ['slow', 'hanging'].map((name) => dependencies[name]?.latencyMs ?? 0);
    expect(latencies).toEqual(latencies.map((latency) => Math.round(latency * 10) / 10));
    for (const [n, least] of [29, 59].entries()) {
      expect(latencies[n]).toBeGreaterThanOrEqual(least);
      expect(latencies[n]).toBeLessThanOrEqual(took + 0.1);
    }
  });

  it('says whether it is ready without waiting for an optional dependency that hangs, and waits for a required one', async () => {
    const health = make({ checkTimeoutMs: 60_000 });
    let answer: (() => void) | undefined;
    const hanging = new Promise<void>((resolve) => {
      answer = resolve;
    });
    health.register('mail', () => hanging, { required: false });
    health.register('database', () => Promise.reject(new Error('gone')));
    health.ready();
    const report = health.report();
    expect(await health.readiness()).toMatchObject({ state: 'unready', ready: false, dependencies: { database: { state: 'down' } } });
    answer?.();
    expect((await report).dependencies.mail).toMatchObject({ state: 'up' });
  });

  it('tells a check that nobody waits for its answer any more', async () => {
    const health = make({ checkTimeoutMs: 20 });
    let told: AbortSignal | undefined;
    health.register('database', (signal) => {
      told = signal;
      return new Promise(() => undefined);
    });
    await health.report();
    await expect.poll(() => told?.aborted).toBe(true);
  });

  it('asks anew once it is ready, however lately it has asked while it started', async () => {
    const health = make({ cacheMs: 60_000 });
    let works = false;
    health.register('database', () => (works ? undefined : Promise.reject(new Error('not yet'))));
    expect((await health.report()).dependencies.database?.state).toBe('down');
    works = true;
    health.ready();
    expect(await health.report()).toMatchObject({ state: 'ready', ready: true });
  });

  it('does not ask a dependency again that has not answered yet, and sees when it does', async () => {
    const health = make({ checkTimeoutMs: 20 });
    const { promise, resolve } = withResolvers();
    const check = vi.fn(() => promise);
    health.register('database', check);
    for (let requests = 0; requests < 3; requests++) expect((await health.report()).dependencies.database?.state).toBe('down');
    expect(check).toHaveBeenCalledTimes(1);
    resolve();
    expect((await health.report()).dependencies.database?.state).toBe('up');
  });

  it('gives a dependency that asks others more time, if told so', async () => {
    const health = make({ checkTimeoutMs: 10 });
    health.register('service', () => sleep(50), { timeoutMs: 5_000 });
    expect((await health.report()).dependencies.service?.state).toBe('up');
  });

  it('asks no more often than once in its time, however many requests there are, whatever the wall clock does', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const health = make({ cacheMs: 60_000 });
    const check = vi.fn(async () => undefined);
    health.register('database', check);
    health.ready();
    for (let requests = 0; requests < 100; requests++) {
      vi.setSystemTime(requests % 2 === 0 ? new Date('1999-01-01') : new Date('2040-01-01'));
      expect((await (requests % 3 === 0 ? health.report() : health.readiness())).ready).toBe(true);
    }
    expect(check).toHaveBeenCalledTimes(1);
    vi.useRealTimers();
  });

  it('tells at once that it has become ready, drains or stops', async () => {
    const health = make({ cacheMs: 60_000 });
    const check = vi.fn(async () => undefined);
    health.register('database', check);
    const states: string[] = [];
    for (const enter of ['ready', 'draining', 'stopping'] as const) {
      health[enter]();
      const { state, ready } = await health.report();
      states.push(`${state} ${ready}`);
    }
    expect(states).toEqual(['ready true', 'draining false', 'stopping false']);
  });

  it('asks once for reports that are wanted at the same time', async () => {
    const health = make();
    const check = vi.fn(async () => undefined);
    health.register('database', check);
    await Promise.all([health.report(), health.report(), health.report()]);
    expect(check).toHaveBeenCalledTimes(1);
  });

  it('does not wait anew for what hangs, when it is asked while it waits already', async () => {
    const health = make({ checkTimeoutMs: 150 });
    health.register('database', () => new Promise(() => undefined));
    const first = health.report();
    await sleep(100);
    const second = health.report().then(() => 'told');
    await first;
    expect(await Promise.race([second, sleep(20)])).toBe('told');
  });
});

function withResolvers(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}
