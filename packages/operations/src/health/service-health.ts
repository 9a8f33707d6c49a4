import { reasonOf } from '../up/readiness.ts';

export interface DependencyReport {
  readonly name: string;
  readonly state: string;
  readonly latencyMs: number | undefined;
  /** ISO 8601: since when it is in that state. */
  readonly since: string | undefined;
  readonly reason: string | undefined;
}

export interface ServiceHealth {
  readonly name: string;
  readonly url: string;
  /** As the service says; `unreachable` if it does not answer. */
  readonly state: string;
  readonly ready: boolean;
  /** Until it had answered; `undefined` if it did not. */
  readonly latencyMs: number | undefined;
  /** ISO 8601: since when it is in that state, as it says. */
  readonly since: string | undefined;
  readonly reason: string | undefined;
  /** It was asked, and gave no answer in time: it may hang. */
  readonly silent?: true;
  readonly dependencies: readonly DependencyReport[];
}

/** Asks a service for its health. One that does not answer is part of the answer; never throws. */
export async function askHealth(name: string, url: string, timeoutMs: number): Promise<ServiceHealth> {
  const askedAt = performance.now();
  try {
    const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(timeoutMs) });
    const report = asRecord(await response.json());
    return {
      name,
      url,
      state: textOf(report.state) ?? (response.ok ? 'ready' : 'unready'),
      ready: response.ok,
      latencyMs: Math.round((performance.now() - askedAt) * 10) / 10,
      since: textOf(report.since),
      reason: response.ok ? undefined : reasonOf(report),
      dependencies: Object.entries(asRecord(report.dependencies)).map(([dependency, value]) =>
        dependencyReport(dependency, asRecord(value)),
      ),
    };
  } catch (error) {
    const slow = error instanceof Error && error.name === 'TimeoutError';
    if (slow) return { ...unreachable(name, url, `no answer within ${timeoutMs / 1_000} s`), silent: true };
    return unreachable(name, url, `nothing answers${causeOf(error)}`);
  }
}

export function unreachable(name: string, url: string, reason: string): ServiceHealth {
  return { name, url, state: 'unreachable', ready: false, latencyMs: undefined, since: undefined, reason, dependencies: [] };
}

function dependencyReport(name: string, { state, latencyMs, since, reason }: Record<string, unknown>): DependencyReport {
  return {
    name,
    state: textOf(state) ?? 'unknown',
    latencyMs: typeof latencyMs === 'number' ? latencyMs : undefined,
    since: textOf(since),
    reason: textOf(reason),
  };
}

function causeOf(error: unknown): string {
  if (error instanceof SyntaxError) return ' as a service does: what listens there is something else';
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

// what a service answers comes over the wire: nothing about it is known
function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}; // any object can be read by name
}
