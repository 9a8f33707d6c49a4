import { expect, test } from 'vitest';
import { type RunnerStatus, runnerCheck } from './runner-health.ts';

const check = async (status: RunnerStatus) => runnerCheck({ status: async () => status })(new AbortController().signal);

test('a runner that stands still says why and, if that is known, where', async () => {
  const error = new Error('It is away.');
  await expect(check({ state: 'stalled', position: 7, lag: 3, error })).rejects.toThrow(
    'stalled at position 7, 3 events behind: It is away.',
  );
  await expect(check({ state: 'stalled', position: undefined, lag: undefined, error })).rejects.toThrow('stalled: It is away.');
  await expect(check({ state: 'stopped', position: 7, lag: 0 })).rejects.toThrow('stopped at position 7, 0 events behind');
  await expect(check({ state: 'running', position: 7, lag: 0 })).resolves.toBeUndefined();
});
