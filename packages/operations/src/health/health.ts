import { setTimeout as sleep } from 'node:timers/promises';
import { connectionUrls, type Installation, serviceAddresses } from '../config/installation.ts';
import { namedProcesses } from '../processes/ask-processes.ts';
import type { HealthReport } from './health-report.ts';
import { lookAtHealth } from './look-at-health.ts';

export interface HealthOptions {
  /** How long to wait until all is healthy, milliseconds. Default 0: ask once. */
  readonly waitMs?: number;
}

/** Asks every service for its health and that of what it depends on, and looks at databases, projections and background work itself. */
export function health(installation: Installation, { waitMs = 0 }: HealthOptions = {}): Promise<HealthReport> {
  return untilHealthy(() => healthOnce(installation), waitMs);
}

/** Looks again and again until all is healthy, or the time is up; returns what was seen last. */
export async function untilHealthy<T extends { readonly healthy: boolean }>(look: () => Promise<T>, waitMs: number): Promise<T> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    const seen = await look();
    if (seen.healthy || performance.now() >= deadline) return seen;
    await sleep(200);
  }
}

async function healthOnce(installation: Installation): Promise<HealthReport> {
  const { config, workLimits, answerTimeoutMs } = installation;
  const databases = await connectionUrls(installation, 'service').catch((error: unknown) => ({
    reason: error instanceof Error ? error.message : String(error),
  }));
  const services = namedProcesses(serviceAddresses(installation));
  const limits = workLimits ?? { maxDelaySeconds: 30 };
  return await lookAtHealth({ application: config.application, services, databases, limits, ...(answerTimeoutMs && { answerTimeoutMs }) });
}
