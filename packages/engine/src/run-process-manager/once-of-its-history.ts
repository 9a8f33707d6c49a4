import { setTimeout as sleep } from 'node:timers/promises';
import { isKirokuError } from '@kiroku/core';
import type { FollowerProgress } from '../follow-log/follower-status.ts';

interface Followed {
  status(): Promise<Pick<FollowerProgress, 'error'>>;
}

/**
 * Resolves once no process manager is of another history of the log, `true` unless the signal fires first: until then nothing is sent and no timer
 * fires, for what they wait to do may come of events that a restore has undone.
 */
export async function onceOfItsHistory(
  processManagers: readonly Followed[],
  { signal, everyMs = 1_000 }: { readonly signal: AbortSignal; readonly everyMs?: number },
): Promise<boolean> {
  while (!signal.aborted) {
    const statuses = await Promise.all(processManagers.map((each) => each.status()));
    if (!statuses.some(({ error }) => isKirokuError(error, 'LogMismatch'))) return !signal.aborted;
    await sleep(everyMs, undefined, { signal }).catch(() => undefined); // the signal has fired
  }
  return false;
}
