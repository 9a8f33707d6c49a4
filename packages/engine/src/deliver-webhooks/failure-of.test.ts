import { expect, test } from 'vitest';
import { failureOf } from './failure-of.ts';

const terms = { timeoutMs: 1_000, concurrency: 1, maxAttempts: 3, maxAgeSeconds: 60 };
const retry = { baseMs: 1_000, capMs: 1_000 };
const after = (attempts: number, failingForMs: number, waitMs?: number) =>
  failureOf({ outcome: 'failed', error: 'no', ...(waitMs !== undefined && { waitMs }) }, { attempts, failingForMs }, { terms, retry })
    .retry;

test('a message is tried as often, and for as long, as was agreed', () => {
  expect([after(0, 0), after(1, 59_999)]).toEqual([{ inMs: expect.any(Number) }, { inMs: expect.any(Number) }]);
  expect([after(2, 0), after(7, 0), after(0, 60_000)]).toEqual(['dead', 'dead', 'dead']);
});

test('whoever asks for time is given it, as often as it likes and not for ever', () => {
  expect(after(2, 0, 5_000)).toEqual({ inMs: 5_000 });
  expect(after(0, 60_000, 5_000)).toBe('dead');
});

test('whoever asks for no time is not tried again at once', () => {
  const waits = Array.from({ length: 50 }, () => after(1, 0, 0)).map((each) => (each === 'dead' ? -1 : each.inMs));
  expect(Math.max(...waits)).toBeGreaterThan(0);
});
