import { KirokuError } from '@kiroku/core';
import { expect, test, vi } from 'vitest';
import { onceOfItsHistory } from './once-of-its-history.ts';

const mismatch = { error: new KirokuError('LogMismatch', 'of another timeline') };
const signal = new AbortController().signal;

test('nothing is sent while a process manager is of another history, and it is once the doctor has repaired it', async () => {
  const status = vi.fn().mockResolvedValueOnce(mismatch).mockResolvedValueOnce(mismatch).mockResolvedValue({});
  expect(await onceOfItsHistory([{ status }, { status: async () => ({}) }], { signal, everyMs: 1 })).toBe(true);
  expect(status).toHaveBeenCalledTimes(3);
});

test('one that stalls for another reason holds nothing up', async () => {
  const status = async () => ({ error: new KirokuError('DatabaseUnavailable', 'away') });
  expect(await onceOfItsHistory([{ status }], { signal })).toBe(true);
});

test('the waiting ends when the service stops', async () => {
  const stopping = new AbortController();
  const waiting = onceOfItsHistory([{ status: async () => mismatch }], { signal: stopping.signal });
  stopping.abort();
  expect(await waiting).toBe(false);
});
