import { setTimeout as sleep } from 'node:timers/promises';
import type { Health } from '../health/health.ts';
import type { Metrics } from './metrics.ts';

/** As long as figures have: a part that hangs does not hold up the scrape, which then tells what was found last. */
const patienceMs = 1_000;

/** Whether the process is ready, and which of its parts are up, as `/health` says. A scrape looks, as a request for that does. */
export function tellOfHealth(metrics: Metrics, health: Health): void {
  metrics.atScrape(async (set) => {
    const waited = new AbortController();
    await Promise.race([health.report(), sleep(patienceMs, undefined, { signal: waited.signal, ref: false }).catch(() => undefined)]);
    waited.abort();
    const { ready, dependencies } = health.last;
    set('ready', ready ? 1 : 0);
    for (const [part, { state }] of Object.entries(dependencies)) set('healthPart', state === 'up' ? 1 : 0, { part });
  });
}
