import { afterEach, expect, test, vi } from 'vitest';
import { throttle } from './throttle.ts';

afterEach(() => void vi.useRealTimers());

/** However long the machine stands still, no time passes. */
const standStill = () => void vi.useFakeTimers({ toFake: ['performance'] });

test('goes on at once while live read models keep up', async () => {
  standStill();
  const lagSeconds = vi.fn(() => Promise.resolve(1));
  const wait = throttle({ maxLagSeconds: 2, lagSeconds, signal: new AbortController().signal });
  for (let page = 0; page < 100; page++) await wait(4_000);
  expect(lagSeconds).toHaveBeenCalledOnce();
});

test('waits while live read models lag', async () => {
  standStill();
  const lags = [9, 5, 2];
  const lagSeconds = vi.fn(() => Promise.resolve(lags.shift() ?? 0));
  await throttle({ maxLagSeconds: 2, lagSeconds, signal: new AbortController().signal })(4_000);
  expect(lags).toEqual([]);
});

test('goes on after a while, so that it ends even if they never catch up', async () => {
  vi.useFakeTimers();
  const waiting = throttle({ maxLagSeconds: 2, lagSeconds: () => Promise.resolve(99), signal: new AbortController().signal })(4_000);
  await vi.advanceTimersByTimeAsync(3_000);
  await waiting;
});

test('does not look at them when it is told so', async () => {
  const lagSeconds = vi.fn(() => Promise.resolve(99));
  await throttle({ maxLagSeconds: 0, lagSeconds, signal: new AbortController().signal })(4_000);
  expect(lagSeconds).not.toHaveBeenCalled();
});

test('ends its wait when the job is stopped', async () => {
  const stopped = new AbortController();
  const waiting = throttle({ maxLagSeconds: 0, lagSeconds: () => Promise.resolve(0), maxRate: 1, signal: stopped.signal })(1_000_000);
  stopped.abort();
  await waiting;
});
