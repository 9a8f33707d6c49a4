import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { LogPosition } from '@kiroku/core';
import { GatewayError } from '../graphql/gateway-error.ts';

interface Row<T> {
  /** When to look, and the position that must be in what is read. */
  readonly looks: AsyncIterable<LogPosition>;
  readonly read: (position: LogPosition) => Promise<T>;
  /** Nobody follows any more. */
  readonly signal: AbortSignal;
  /** Milliseconds before a read that failed is repeated. Default 1,000. */
  readonly waitMs?: number;
}

/** Values of something as it changes: the present one, then each that differs from the one before. */
export async function* followRow<T>({ looks, read, signal, waitMs = 1_000 }: Row<T>): AsyncGenerator<T> {
  let last: { readonly value: T } | undefined;
  for await (const position of looks) {
    const value = await untilRead(() => read(position), signal, waitMs);
    if (last !== undefined && isDeepStrictEqual(last.value, value)) continue;
    last = { value };
    yield value;
  }
}

/** Repeats a read while its fault may pass: a subscriber goes on through the restart of a service. */
async function untilRead<T>(read: () => Promise<T>, signal: AbortSignal, waitMs: number): Promise<T> {
  for (;;) {
    try {
      return await read();
    } catch (error) {
      if (signal.aborted || !(error instanceof GatewayError && error.extensions.retryable === true)) throw error;
      await sleep(waitMs * (0.5 + Math.random()), undefined, { signal });
    }
  }
}
