import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { sharedLook } from './shared-look.ts';

test('who asks while somebody looks, or shortly after, gets the same answer', async () => {
  const look = vi.fn(async () => sleep(10, {}));
  const shared = sharedLook(look, 60_000);
  const answers = await Promise.all(Array.from({ length: 100 }, shared));
  expect(await shared()).toBe(answers[0]);
  expect(look).toHaveBeenCalledTimes(1);
});

test('later the look is made anew, after one that failed, too', async () => {
  const look = vi.fn(async () => Promise.reject(new Error('gone')));
  const shared = sharedLook(look, 0);
  await expect(shared()).rejects.toThrow('gone');
  await expect(shared()).rejects.toThrow('gone');
  expect(look).toHaveBeenCalledTimes(2);
});
