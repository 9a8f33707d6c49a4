import { setTimeout as sleep } from 'node:timers/promises';
import { GatewayError } from '../graphql/gateway-error.ts';

/** Codes with which a service that starts, restarts, or whose database does, answers for a moment; another instance may know better. */
const passing = new Set(['BuildNotReady', 'DatabaseUnavailable', 'ServiceUnavailable', 'Stopping']);
const waitsMs = [50, 200, 800];

/** Repeats a call a few times while the service is unavailable for a moment. Only for calls that may take place twice. */
export async function whileUnavailable<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (const wait of waitsMs) {
    try {
      return await call();
    } catch (error) {
      if (signal.aborted || !isPassing(error)) throw error;
      await sleep(wait * (0.5 + Math.random()), undefined, { signal }).catch(() => Promise.reject(error));
    }
  }
  return call();
}

export function isPassing(error: unknown): boolean {
  return error instanceof GatewayError && passing.has(error.extensions.code);
}
