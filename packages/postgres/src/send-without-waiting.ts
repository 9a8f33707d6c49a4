import type { Pool } from './pool.ts';

/** Has connections that the pool opens from now on send a statement without waiting for the answer to the one before. */
export function sendWithoutWaiting(pool: Pool): Pool {
  Object.assign(pool.options, { pipeline: true });
  return pool;
}
