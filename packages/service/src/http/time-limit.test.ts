import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { timeLimit } from './time-limit.ts';

test('a limit that only a signal made of it follows is kept, whatever is collected as garbage', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void; // of V8
  const collecting = setInterval(() => collect(), 20);
  try {
    const signal = AbortSignal.any([timeLimit(200), new AbortController().signal]);
    await Promise.race([once(signal, 'abort'), delay(3_000)]);
    expect(signal.reason).toMatchObject({ name: 'TimeoutError' });
  } finally {
    clearInterval(collecting);
  }
});
