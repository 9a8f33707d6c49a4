import { setTimeout as sleep } from 'node:timers/promises';
import { KirokuError } from '@kiroku/core';

export interface ThrottleOptions {
  /** Default: as quick as it goes. */
  readonly bytesPerSecond?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The same content, no quicker than that over its whole length. Throws `Stopping` when the signal fires. */
export async function* throttled(
  content: AsyncIterable<Uint8Array>,
  { bytesPerSecond, signal }: ThrottleOptions,
): AsyncGenerator<Uint8Array> {
  const startedAt = performance.now();
  let bytes = 0;
  for await (const chunk of content) {
    if (signal?.aborted) throw interrupted();
    yield chunk;
    bytes += chunk.length;
    const aheadMs = bytesPerSecond === undefined ? 0 : (bytes / bytesPerSecond) * 1_000 - (performance.now() - startedAt);
    if (aheadMs > 5) await sleep(aheadMs, undefined, signal && { signal }).catch(() => undefined); // interrupted: seen with the next chunk
  }
  if (signal?.aborted) throw interrupted();
}

function interrupted(): KirokuError {
  return new KirokuError('Stopping', 'Interrupted; what was made by then is removed.');
}
