import { setTimeout as delay } from 'node:timers/promises';

/** Waits; returns early, without an error, when the signal fires. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, signal && { signal });
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  }
}
