import { setTimeout as delay } from 'node:timers/promises';

export interface ThrottleOptions {
  /** Seconds that live read models may lag; 0: they are not looked at. */
  readonly maxLagSeconds: number;
  readonly lagSeconds: () => Promise<number>;
  /** Events a second at most. Default: no bound. */
  readonly maxRate?: number;
  readonly signal: AbortSignal;
}

const lookEveryMs = 500;
/** After so long it goes on with one page: a live read model that never catches up must not keep it from ending. */
const longestWaitMs = 2_000;

/** Waits, after so many more events were read, until it may go on. */
export type Throttle = (events: number) => Promise<void>;

export function throttle({ maxLagSeconds, lagSeconds, maxRate, signal }: ThrottleOptions): Throttle {
  let looked = Number.NEGATIVE_INFINITY;
  let dueAt = performance.now();
  return async (events) => {
    if (maxRate !== undefined) {
      dueAt = Math.max(dueAt, performance.now() - lookEveryMs) + (events * 1_000) / maxRate;
      await pause(dueAt - performance.now(), signal);
    }
    if (maxLagSeconds <= 0 || performance.now() - looked < lookEveryMs) return;
    const waitUntil = performance.now() + longestWaitMs;
    while ((await lagSeconds()) > maxLagSeconds && performance.now() < waitUntil) await pause(lookEveryMs / 2, signal);
    looked = performance.now();
  };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await delay(ms, undefined, { signal }).catch(() => undefined); // who waits looks at the signal
}
