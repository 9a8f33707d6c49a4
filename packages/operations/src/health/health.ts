import { setTimeout as sleep } from 'node:timers/promises';
import { type Installation, serviceUrls } from '../config/installation.ts';
import { isFaulty, type ProjectionStatus } from '../projection-list/list-projections.ts';
import { lookAtProjections } from '../projection-list/look-at-projections.ts';
import { reasonOf } from '../up/readiness.ts';

export interface DependencyReport {
  readonly name: string;
  readonly state: string;
  readonly latencyMs: number | undefined;
  readonly reason: string | undefined;
}

export interface ServiceHealth {
  readonly name: string;
  readonly url: string;
  /** As the service says; `unreachable` if it does not answer. */
  readonly state: string;
  readonly ready: boolean;
  readonly reason: string | undefined;
  readonly dependencies: readonly DependencyReport[];
}

export interface HealthReport {
  /** Every service is ready, and no projection stands still. */
  readonly healthy: boolean;
  readonly services: readonly ServiceHealth[];
  /** `undefined`: the databases do not let them be looked at. */
  readonly projections: readonly ProjectionStatus[] | undefined;
}

export interface HealthOptions {
  /** How long to wait for all to become ready, milliseconds. Default 0: ask once. */
  readonly waitMs?: number;
}

/** Asks every service for its health and that of what it depends on, and looks at how far the projections are behind the log. */
export async function health(installation: Installation, { waitMs = 0 }: HealthOptions = {}): Promise<HealthReport> {
  const deadline = Date.now() + waitMs;
  for (;;) {
    const urls = Object.entries(serviceUrls(installation));
    const [services, projections] = await Promise.all([
      Promise.all(urls.map(([name, url]) => askHealth(name, url))),
      lookAtProjections(installation),
    ]);
    const healthy = services.every(({ ready }) => ready) && !(projections ?? []).some(isFaulty);
    if (healthy || Date.now() >= deadline) return { healthy, services, projections };
    await sleep(200);
  }
}

async function askHealth(name: string, url: string): Promise<ServiceHealth> {
  try {
    const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(5_000) });
    const report = asRecord(await response.json());
    return {
      name,
      url,
      state: textOf(report.state) ?? (response.ok ? 'ready' : 'unready'),
      ready: response.ok,
      reason: response.ok ? undefined : reasonOf(report),
      dependencies: Object.entries(asRecord(report.dependencies)).map(([dependency, value]) =>
        dependencyReport(dependency, asRecord(value)),
      ),
    };
  } catch (error) {
    const slow = error instanceof Error && error.name === 'TimeoutError';
    return { name, url, state: 'unreachable', ready: false, reason: slow ? 'no answer within 5 s' : 'nothing answers', dependencies: [] };
  }
}

function dependencyReport(name: string, { state, latencyMs, reason }: Record<string, unknown>): DependencyReport {
  return {
    name,
    state: textOf(state) ?? 'unknown',
    latencyMs: typeof latencyMs === 'number' ? latencyMs : undefined,
    reason: textOf(reason),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

// what a service answers comes over the wire: nothing about it is known
function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}; // any object can be read by name
}
