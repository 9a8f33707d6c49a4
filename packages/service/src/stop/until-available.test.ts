import { KirokuError } from '@kiroku/core';
import { describe, expect, it, vi } from 'vitest';
import { untilAvailable } from './until-available.ts';

const watched = () => ({ logger: { warn: vi.fn() }, health: { starting: vi.fn() }, signal: new AbortController().signal, firstWaitMs: 1 });
const gone = new KirokuError('DatabaseUnavailable', 'No database.');

describe('starting what depends on others', () => {
  it('waits for a dependency that is unavailable, and says so once', async () => {
    const options = watched();
    const start = vi.fn().mockRejectedValueOnce(gone).mockRejectedValueOnce(gone).mockResolvedValue(undefined);
    await untilAvailable(start, options);
    expect(start).toHaveBeenCalledTimes(3);
    expect(options.logger.warn).toHaveBeenCalledTimes(1);
    expect(options.health.starting).toHaveBeenCalledWith('No database.');
  });

  it('says so again when it is for another reason', async () => {
    const options = watched();
    const old = new KirokuError('DatabaseUnavailable', 'It starts up.');
    const start = vi.fn().mockRejectedValueOnce(gone).mockRejectedValueOnce(old).mockRejectedValueOnce(old).mockResolvedValue(undefined);
    await untilAvailable(start, options);
    expect(options.logger.warn.mock.calls).toEqual([
      [{ code: 'DatabaseUnavailable' }, 'not started yet: No database.'],
      [{ code: 'DatabaseUnavailable' }, 'not started yet: It starts up.'],
    ]);
  });

  it('waits twice as long each time', async () => {
    const start = vi.fn().mockResolvedValue(undefined);
    for (let times = 0; times < 4; times += 1) start.mockRejectedValueOnce(gone);
    const begun = performance.now();
    await untilAvailable(start, { ...watched(), firstWaitMs: 10 });
    const waited = performance.now() - begun;
    expect(waited).toBeGreaterThan(10 + 20 + 40 + 80 - 5);
    expect(waited).toBeLessThan(5_000);
  });

  it('gives up at once when waiting cannot help', async () => {
    const start = vi.fn().mockRejectedValue(new KirokuError('SchemaTooOld', 'Migrate first.'));
    await expect(untilAvailable(start, watched())).rejects.toThrow('Migrate first.');
    expect(start).toHaveBeenCalledTimes(1);
  });

  it('stops waiting when the process stops', async () => {
    const controller = new AbortController();
    const start = vi.fn(async () => {
      controller.abort();
      throw gone;
    });
    await untilAvailable(start, { ...watched(), signal: controller.signal });
    expect(start).toHaveBeenCalledTimes(1);
  });
});
