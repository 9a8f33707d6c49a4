import type { Pool } from '../pool.ts';

/**
 * Every statement on the log is a look-up by an index, but PostgreSQL keeps a prepared plan until its statistics change: one made while the
 * log is nearly empty would scan the table, and go on doing so while it grows, until the next autovacuum.
 */
export function preferIndexes(pool: Pool): Pool {
  pool.options.onConnect = async (client) => {
    await client.query('set enable_seqscan = off');
  };
  return pool;
}
