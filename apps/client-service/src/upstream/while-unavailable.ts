import { setTimeout as sleep } from 'node:timers/promises';
import { GatewayError } from '../graphql/gateway-error.ts';

/** Codes with which a service that starts, restarts, or whose database does, answers for a moment; another instance may know better. */
const passing = new Set(['BuildNotReady', 'DatabaseUnavailable', 'ServiceUnavailable', 'Stopping']);
const waitsMs = [50, 200, 800];

/** Repeats a call a few times, `until` a time of the monotonic clock, while the service is unavailable for a moment. Only for calls that may take place twice. */
export async function whileUnavailable<T>(call: () => Promise<T>, until: number): Promise<T> {
  for (const wait of waitsMs) {
    try {
      return await call();
    } catch (error) {
      const waited = wait * (0.5 + Math.random());
      if (!isPassing(error) || performance.now() + waited >= until) throw error;
      await sleep(waited);
    }
  }
  return call();
}

export function isPassing(error: unknown): boolean {
  return error instanceof GatewayError && passing.has(error.extensions.code);
}
