import { expect, test, vi } from 'vitest';
import type { Logger } from '../logging/create-logger.ts';
import { logHealth } from './log-health.ts';

const down = (reason: string) => ({ state: 'down', latencyMs: 1, since: '2026-11-29T00:00:00Z', reason }) as const;
const up = { state: 'up', latencyMs: 1, since: '2026-11-29T00:00:00Z' } as const;

test('what is down is named, and each reason once; that all is well again is no warning', () => {
  const logger = { warn: vi.fn(), info: vi.fn() };
  const log = logger as unknown as Logger; // what is used of one
  logHealth(log, { state: 'unready', dependencies: { event_store: down('no answer'), jobs: down('no answer'), log: up } });
  expect(logger.warn).toHaveBeenCalledWith(
    { down: ['event_store', 'jobs'], reasons: ['no answer'] },
    'not ready, something it needs is down',
  );
  logHealth(log, { state: 'ready', dependencies: { event_store: up } });
  expect(logger.info).toHaveBeenCalledWith('ready again');
  expect(logger.warn).toHaveBeenCalledTimes(1);
});
