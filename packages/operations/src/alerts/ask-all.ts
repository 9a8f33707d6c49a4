import type { ServiceAddress } from '../logs-level/log-levels.ts';
import type { MetricsAnswer } from './alert-evaluation.ts';
import { askMetrics } from './ask-metrics.ts';

/** Asks all services at once for their metrics; each has the same time. */
export function askAll(
  services: readonly ServiceAddress[],
  options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
): Promise<readonly MetricsAnswer[]> {
  return Promise.all(services.map(async ({ service, url }) => ({ service, url, answer: await askMetrics(url, options) })));
}

/** The time on the wall at a time of the clock that only goes forward, seconds. */
export function timeOnTheWall(at: number): string {
  return new Date(Date.now() - performance.now() + at * 1_000).toISOString();
}
