import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceAddress } from '../processes/ask-processes.ts';
import { AlertEvaluation } from './alert-evaluation.ts';
import type { AlertReport } from './alert-report.ts';
import { askAll, lookNow } from './ask-all.ts';

export interface SampleAlertsOptions {
  /** Seconds from one look to the next. Default 2. */
  readonly everySeconds?: number;
  /** For the answer of a service, milliseconds. Default 3,000. */
  readonly timeoutMs?: number;
}

/**
 * What is wrong, without anybody who has watched: asks the services three times. Rates are of those few seconds, and what has held from the second
 * time on fires, because nobody knows for how long it has held before.
 */
export async function sampleAlerts(
  services: readonly ServiceAddress[],
  { everySeconds = 2, timeoutMs = 3_000 }: SampleAlertsOptions = {},
): Promise<AlertReport> {
  const evaluation = new AlertEvaluation({ longestHold: everySeconds });
  for (let look = 0; look < 3; look++) {
    if (look > 0) await sleep(everySeconds * 1_000);
    const now = lookNow();
    evaluation.observe(now, await askAll(services, { timeoutMs }));
  }
  return evaluation.report();
}
