import type { Logger } from '../logging/create-logger.ts';
import type { HealthReport } from './health.ts';

const words = {
  unready: 'not ready, something it needs is down',
  degraded: 'degraded, something it would like to have is down',
} as const;

/** A line for each change: who reads the log at night sees when it began, and for what. */
export function logHealth(logger: Logger, { state, dependencies }: Pick<HealthReport, 'state' | 'dependencies'>): void {
  if (state !== 'unready' && state !== 'degraded') {
    logger.info('ready again');
    return;
  }
  const down = Object.entries(dependencies).filter(([, each]) => each.state === 'down');
  logger.warn({ down: down.map(([name]) => name), reasons: [...new Set(down.flatMap(([, { reason }]) => reason ?? []))] }, words[state]);
}
