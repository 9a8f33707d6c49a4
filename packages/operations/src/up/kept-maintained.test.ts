import { setTimeout as sleep } from 'node:timers/promises';
import { KirokuError } from '@kiroku/core';
import { describe, expect, test, vi } from 'vitest';
import { KeptMaintained } from './kept-maintained.ts';

describe('a supervisor', () => {
  test('maintains the databases at the start, and again and again until it is stopped', async () => {
    const maintain = vi.fn(async () => undefined);
    const kept = new KeptMaintained({ maintain, onProgress: () => undefined, everyMs: 10 });
    await kept.start();
    expect(maintain).toHaveBeenCalledTimes(1);
    await vi.waitFor(() => expect(maintain.mock.calls.length).toBeGreaterThan(2), 15_000);
    await kept.stop();
    const { length } = maintain.mock.calls;
    await sleep(50);
    expect(maintain).toHaveBeenCalledTimes(length);
  });

  test('tells a failure once, and tries again', async () => {
    const told: string[] = [];
    const failing = vi.fn(() => Promise.reject(new KirokuError('DatabaseUnavailable', 'It is away.')));
    const kept = new KeptMaintained({ maintain: failing, onProgress: ({ text }) => void told.push(text), everyMs: 10 });
    await kept.start();
    await vi.waitFor(() => expect(failing.mock.calls.length).toBeGreaterThan(2), 15_000);
    await kept.stop();
    expect(told).toEqual(['The databases could not be maintained; it is tried again. It is away.']);
  });

  test('gives up if the role may not, and says what to do', async () => {
    const told: string[] = [];
    const forbidden = vi.fn(() => Promise.reject(refused('42501')));
    const kept = new KeptMaintained({ maintain: forbidden, onProgress: ({ text }) => void told.push(text), everyMs: 10 });
    await kept.start();
    await sleep(50);
    await kept.stop();
    expect(forbidden).toHaveBeenCalledTimes(1);
    expect(told).toEqual([expect.stringContaining('kiroku db maintain')]);
  });

  test.each(['3D000', '28P01', '57P04', '42501'])('goes on after %s in a later round', async (state) => {
    const told: string[] = [];
    let round = 0;
    const maintain = vi.fn(() => ([2, 3].includes(++round) ? Promise.reject(refused(state)) : Promise.resolve()));
    const kept = new KeptMaintained({ maintain, onProgress: ({ text }) => void told.push(text), everyMs: 2 });
    await kept.start();
    await vi.waitFor(() => expect(maintain.mock.calls.length).toBeGreaterThan(4), 15_000);
    await kept.stop();
    expect(told).toHaveLength(1);
  });

  test('does not blame the rights of the URL for a database that is not there, and waits for it from the start', async () => {
    const told: string[] = [];
    const missing = vi.fn(() => Promise.reject(refused('3D000')));
    const kept = new KeptMaintained({ maintain: missing, onProgress: ({ text }) => void told.push(text), everyMs: 10 });
    await kept.start();
    await vi.waitFor(() => expect(missing.mock.calls.length).toBeGreaterThan(2), 15_000);
    await kept.stop();
    expect(told).toEqual(['The databases could not be maintained; it is tried again. Denied.']);
  });
});

function refused(sqlState: string): KirokuError {
  return new KirokuError('ConfigurationInvalid', 'Denied.', { details: { sqlState } });
}
