export interface Backoff {
  /** Upper bound of the first wait, in ms. */
  readonly baseMs: number;
  /** Upper bound of every wait, in ms. */
  readonly capMs: number;
}

/**
 * How long to wait before trying again after `attempt` (from 1) failures: full jitter over an exponential bound.
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoffMs(attempt: number, { baseMs, capMs }: Backoff, random: () => number = Math.random): number {
  const bound = Math.min(capMs, baseMs * 2 ** Math.min(attempt - 1, 30)); // 30 doublings are past any cap and far from overflow
  return random() * bound;
}
