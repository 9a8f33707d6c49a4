import { setTimeout as sleep } from 'node:timers/promises';
import { isKirokuError } from '@kiroku/core';
import type { Health } from '../health/health.ts';
import type { Logger } from '../logging/create-logger.ts';

const longestWaitMs = 5_000;

/** Repeats `start` while what it needs is unavailable, saying so once per reason. Other errors are thrown. */
export async function untilAvailable(
  start: () => Promise<void>,
  options: {
    readonly logger: Pick<Logger, 'warn'>;
    readonly health: Pick<Health, 'starting'>;
    readonly signal: AbortSignal;
    /** Milliseconds before the second try; doubled for each one more. Default 100. */
    readonly firstWaitMs?: number;
  },
): Promise<void> {
  const { logger, health, signal, firstWaitMs = 100 } = options;
  let said = '';
  for (let wait = firstWaitMs; !signal.aborted; wait = Math.min(wait * 2, longestWaitMs)) {
    try {
      await start();
      return;
    } catch (error) {
      if (!isKirokuError(error) || !error.retryable) throw error;
      health.starting(error.message);
      if (said !== error.message) logger.warn({ code: error.code }, `not started yet: ${error.message}`);
      said = error.message;
      await sleep(wait, undefined, { signal }).catch(() => undefined);
    }
  }
}
