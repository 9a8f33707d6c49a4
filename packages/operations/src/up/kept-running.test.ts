import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { KeptRunning } from './kept-running.ts';

let told: string[];
let stop: AbortController;
beforeEach(() => {
  told = [];
  stop = new AbortController();
});
afterEach(() => stop.abort());

const keep = (start: () => Promise<void>) =>
  new KeptRunning({ name: 'shop', start, onProgress: ({ text }) => told.push(text), signal: stop.signal, delay: () => 1 });

test('a process that ends is started again, and both are told', async () => {
  const start = vi.fn(async () => undefined);
  await keep(start).ended('SIGKILL', 1_000);
  expect(start).toHaveBeenCalledOnce();
  expect(told).toEqual(['shop ended by itself (SIGKILL). It is started again now.', 'shop is back.']);
});

test('why it ended is told, if its log says so', async () => {
  const lastWords = async () => ['fatal ended: exit code 1', 'Error: no such file'];
  const start = async () => undefined;
  const kept = new KeptRunning({
    name: 'shop',
    start,
    onProgress: ({ text }) => told.push(text),
    signal: stop.signal,
    delay: () => 1,
    lastWords,
  });
  await kept.ended('exit code 1', 1_000);
  expect(told).toEqual([expect.stringContaining('shop ended by itself (exit code 1).'), ...(await lastWords()), 'shop is back.']);
});

test('a start that fails is tried again', async () => {
  const start = vi.fn(async () => undefined).mockRejectedValueOnce(new Error('port taken'));
  await keep(start).ended('SIGKILL', 1_000);
  expect(start).toHaveBeenCalledTimes(2);
  expect(told.at(-1)).toBe('shop is back.');
});

test('nothing is started once we are stopping', async () => {
  const start = vi.fn(async () => undefined);
  const ended = keep(start).ended('SIGTERM', 1_000);
  stop.abort();
  await ended;
  expect(start).not.toHaveBeenCalled();
});

test('a process that ended again while it was waited for is not said to be back', async () => {
  let runs = 0;
  const kept: KeptRunning = keep(async () => {
    runs += 1;
    if (runs === 1) await kept.ended('exit code 1', 0);
  });
  await kept.ended('SIGKILL', 1_000);
  expect(told.filter((text) => text.endsWith('is back.'))).toHaveLength(1);
  expect(kept.restarts).toBe(2);
});
