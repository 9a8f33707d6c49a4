import { describe, expect, it, vi } from 'vitest';
import { Health } from './health.ts';

const make = () => new Health({ service: 'shop', instance: 'a' });

describe('health', () => {
  it('is starting, and not ready, until it is said to be ready', async () => {
    const health = make();
    expect(await health.report()).toMatchObject({ state: 'starting', ready: false });
    health.ready();
    expect(await health.report()).toMatchObject({ state: 'ready', ready: true });
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
    const health = new Health({ service: 'shop', instance: 'a', checkTimeoutMs: 20 });
    health.register('database', () => new Promise(() => undefined));
    const { dependencies } = await health.report();
    expect(dependencies.database).toMatchObject({ state: 'down', reason: 'no answer within 20 ms' });
  });

  it('asks once for reports that are wanted at the same time', async () => {
    const health = make();
    const check = vi.fn(async () => undefined);
    health.register('database', check);
    await Promise.all([health.report(), health.report(), health.report()]);
    expect(check).toHaveBeenCalledTimes(1);
  });
});
