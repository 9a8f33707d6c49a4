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
