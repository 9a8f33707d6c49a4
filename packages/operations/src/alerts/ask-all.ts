import type { ServiceAddress } from '../processes/ask-processes.ts';
import type { MetricsAnswer } from './alert-evaluation.ts';
import type { Look } from './alert-states.ts';
import { askMetrics } from './ask-metrics.ts';

/** Asks all services at once for their metrics; each has the same time. */
export function askAll(
  services: readonly ServiceAddress[],
  options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
): Promise<readonly MetricsAnswer[]> {
  return Promise.all(services.map(async ({ service, url }) => ({ service, url, answer: await askMetrics(url, options) })));
}

/** A look that begins now. */
export function lookNow(): Look {
  return { at: performance.now() / 1_000, time: new Date().toISOString() };
}
