import { expect, test, vi } from 'vitest';
import { LivenessWatch } from './liveness-watch.ts';

const limitMs = 60_000;

/** Watches for so long, on a clock of its own: by default each question takes all the time that there is to answer. */
async function watched(forMs: number, given: { readonly answers?: (asked: number) => boolean; readonly away?: number } = {}) {
  const { answers = () => false, away = 0 } = given;
  let [clock, asked] = [0, 0];
  const stop = new AbortController();
  const onSilent = vi.fn(async () => undefined);
  const pass = async (ms: number) => {
    clock += ms;
    if (clock >= forMs) stop.abort();
  };
  const ask = async (timeoutMs: number) => {
    await pass(answers(++asked) ? 1 : timeoutMs + (asked % 8 === 0 ? away : 0));
    return answers(asked);
  };
  await new LivenessWatch({ ask, limitMs, onSilent, signal: stop.signal, wait: pass, now: () => clock }).run();
  return onSilent.mock.calls.length;
}

test('a process that answers is left alone', async () => {
  expect(await watched(10 * limitMs, { answers: () => true })).toBe(0);
});

test('one that has not answered for the whole limit is told of, once in each such time', async () => {
  expect(await watched(limitMs)).toBe(0);
  expect(await watched(limitMs + 1)).toBe(1);
  expect(await watched(2 * limitMs + 1)).toBe(2);
});

test('a single answer begins anew', async () => {
  expect(await watched(1.8 * limitMs, { answers: (asked) => asked === 11 })).toBe(0);
});

test('who was suspended, or stopped, judges nobody by that time', async () => {
  expect(await watched(100 * limitMs, { away: limitMs })).toBe(0);
});
