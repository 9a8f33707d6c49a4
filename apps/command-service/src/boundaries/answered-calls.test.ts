import { expect, test } from 'vitest';
import { AnsweredCalls } from './answered-calls.ts';

test('the outcome of a call is known when it was answered, also by who asks meanwhile', async () => {
  const calls = new AnsweredCalls();
  let answer: (text: string) => void = () => undefined;
  const call = calls.during('a', () => new Promise<string>((resolve) => (answer = resolve)));
  const asked = calls.knows('a', 60_000);
  answer('yes');
  expect([await call, await asked, await calls.knows('a', 0)]).toEqual(['yes', true, true]);
});

test('it is not known of calls that were not made here, that failed, or that are not answered in time', async () => {
  const calls = new AnsweredCalls();
  await expect(calls.during('failed', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  void calls.during('under way', () => new Promise(() => undefined));
  for (const key of ['other', 'failed', 'under way']) expect(await calls.knows(key, 1)).toBe(false);
});
