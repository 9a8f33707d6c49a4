import { expect, test } from 'vitest';
import { failureOf } from './failure-of.ts';
import { judgeAnswer, judgeFault } from './judge-answer.ts';

const now = Date.parse('2026-11-24T10:00:00Z');
const answer = (status: number, more: object = {}) => judgeAnswer({ status, text: '', ...more }, now);

test('whatever is 2xx is delivered, 410 is the end, all else has failed', () => {
  for (const status of [200, 202, 204, 299]) expect(answer(status)).toEqual({ outcome: 'delivered' });
  expect(answer(410, { text: 'no more' })).toEqual({ outcome: 'gone', reason: 'It answered 410 Gone: no more' });
  for (const status of [301, 400, 404, 429, 500]) expect(answer(status)).toMatchObject({ outcome: 'failed' });
});

test('Retry-After of 429 and 503 counts, in seconds or as a date, up to a day', () => {
  expect(answer(429, { retryAfter: '7' })).toMatchObject({ waitMs: 7_000 });
  expect(answer(503, { retryAfter: 'Tue, 24 Nov 2026 10:00:30 GMT' })).toMatchObject({ waitMs: 30_000 });
  expect(answer(503, { retryAfter: 'Tue, 24 Nov 2026 09:00:00 GMT' })).toMatchObject({ waitMs: 0 });
  expect(answer(429, { retryAfter: '999999999' })).toMatchObject({ waitMs: 86_400_000 });
  for (const other of [answer(429, { retryAfter: 'soon' }), answer(500, { retryAfter: '7' }), answer(503)]) {
    expect(other).not.toHaveProperty('waitMs');
  }
});

test('a fault is told with its code, also one that lies deeper', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:9'), { code: 'ECONNREFUSED' });
  const told = { outcome: 'failed', error: 'It cannot be reached (ECONNREFUSED): fetch failed' };
  expect(judgeFault(new Error('fetch failed', { cause: refused }), 10)).toEqual(told);
});

test('a message is dead at its last attempt, or when it fails at its age; being asked to wait is no attempt', () => {
  const terms = { timeoutMs: 1, concurrency: 1, maxAttempts: 3, maxAgeSeconds: 60 };
  const retryOf = (attempts: number, failingForMs: number, waitMs?: number) => {
    const verdict = { outcome: 'failed', error: 'no', ...(waitMs !== undefined && { waitMs }) } as const;
    return failureOf(verdict, { attempts, failingForMs }, { terms, retry: { baseMs: 0, capMs: 0 } }).retry;
  };
  expect(retryOf(1, 59_999)).toEqual({ inMs: 0 });
  expect(retryOf(2, 0)).toBe('dead');
  expect(retryOf(0, 60_000)).toBe('dead');
  expect(retryOf(9, 0, 5_000)).toEqual({ inMs: 5_000 });
  expect(retryOf(9, 60_000, 5_000)).toBe('dead');
});
