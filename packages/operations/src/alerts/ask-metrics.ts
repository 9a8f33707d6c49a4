import { reasonOfFetch } from './reason-of-fetch.ts';

export interface AskMetricsOptions {
  /** For the whole answer, milliseconds. Default 5,000. */
  readonly timeoutMs?: number;
  /** Longest answer that is read, bytes. Default 16 MiB, a hundred times that of a shop. */
  readonly maxBytes?: number;
  /** Gives up. */
  readonly signal?: AbortSignal;
}

/** The text of `/metrics` of a service, or why there is none. Never throws, and returns in time, whatever the service sends. */
export async function askMetrics(
  url: string,
  { timeoutMs = 5_000, maxBytes = 16 * 1_048_576, signal }: AskMetricsOptions = {},
): Promise<{ readonly text: string } | { readonly reason: string }> {
  // not AbortSignal.any: what it makes follows the others only until garbage is collected
  const over = new AbortController();
  const giveUp = () => over.abort();
  const timer = setTimeout(() => over.abort(new DOMException('', 'TimeoutError')), timeoutMs);
  signal?.addEventListener('abort', giveUp);
  try {
    const response = await fetch(`${url}/metrics`, { signal: over.signal, redirect: 'error' });
    if (response.ok) {
      const read = await readBounded(response, maxBytes);
      over.signal.throwIfAborted(); // the body of a service that was stopped in the middle of it may end as if it were whole
      return read;
    }
    await response.body?.cancel();
    return { reason: `/metrics answered HTTP ${response.status}` };
  } catch (error) {
    return { reason: reasonOfFetch(error, timeoutMs) };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
  }
}

async function readBounded(response: Response, maxBytes: number): Promise<{ readonly text: string } | { readonly reason: string }> {
  const decoder = new TextDecoder();
  let [text, bytes] = ['', 0];
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) return { reason: `/metrics sent more than ${maxBytes} bytes` }; // leaving the loop cancels the rest
    text += decoder.decode(chunk, { stream: true });
  }
  return { text: text + decoder.decode() };
}
