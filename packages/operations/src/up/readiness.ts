import { setTimeout as sleep } from 'node:timers/promises';
import { toldReasons } from '../health/told-reasons.ts';

/** The reason of a service that does not answer. */
export const nothingAnswers = 'nothing answers';

/** What a service says about itself; `answered` is false if nothing answers at its port. */
export interface Readiness {
  readonly ready: boolean;
  readonly answered: boolean;
  /** Why it is not ready. */
  readonly reason: string | undefined;
}

/** Asks a service once whether it is ready. Never throws. */
export async function askReadiness(url: string, timeoutMs = 3_000): Promise<Readiness> {
  try {
    const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(timeoutMs) });
    const body: unknown = await response.json().catch(() => undefined);
    return { ready: response.ok, answered: true, reason: response.ok ? undefined : reasonOf(body) };
  } catch {
    return { ready: false, answered: false, reason: nothingAnswers };
  }
}

/** Whether a service shows any sign of life in time, whatever it answers. One that refuses connections does not listen, which is not to hang. Never throws. */
export async function showsLife(url: string, timeoutMs: number): Promise<boolean> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(`${url}/health/live`, { signal });
    await response.body?.cancel();
    return true;
  } catch {
    return !signal.aborted;
  }
}

/** Waits until a service is ready; returns `undefined`, or why it is not when the signal fires. */
export async function waitUntilReady(url: string, signal: AbortSignal): Promise<string | undefined> {
  for (;;) {
    const { ready, reason } = await askReadiness(url);
    if (ready) return undefined;
    if (signal.aborted) return reason ?? 'it gave no reason';
    await sleep(50, undefined, { signal, ref: true }).catch(() => undefined); // asked once more, then it ends
  }
}

/** The reason in a health report: its own, or those of the dependencies that are down. */
export function reasonOf(body: unknown): string {
  if (typeof body !== 'object' || body === null) return 'it gave no reason';
  if ('reason' in body && typeof body.reason === 'string') return body.reason;
  const dependencies =
    'dependencies' in body && typeof body.dependencies === 'object' && body.dependencies !== null ? body.dependencies : {};
  const down = Object.entries(dependencies).flatMap(([name, dependency]: [string, unknown]) =>
    typeof dependency === 'object' && dependency !== null && 'reason' in dependency ? [[name, String(dependency.reason)] as const] : [],
  );
  return toldReasons(down) || 'it gave no reason';
}
