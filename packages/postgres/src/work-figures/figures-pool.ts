import { createPool, type Pool } from '../pool.ts';

export interface FiguresOptions {
  readonly url: string;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /** For connecting and for each answer, milliseconds. Default 1,000. */
  readonly timeoutMs?: number;
}

/** One connection of their own: a busy pool neither delays nor distorts what is said about it. */
export function figuresPool({ url, applicationName, timeoutMs = 1_000 }: FiguresOptions): Pool {
  return createPool({ url, applicationName, max: 1, connectTimeoutMs: timeoutMs, answerTimeoutMs: timeoutMs });
}
