import type { ClientBase } from 'pg';
import type { Pool } from '../pool.ts';

/**
 * Every statement on the log is a look-up by an index, but PostgreSQL keeps a prepared plan until its statistics change: one made while the
 * log is nearly empty would scan the table, and go on doing so while it grows, until the next autovacuum.
 * `check`: done with each new connection besides; if it throws, there is none.
 */
export function preferIndexes(pool: Pool, check?: (client: ClientBase) => Promise<void>): Pool {
  const prepare = async (client: ClientBase): Promise<void> => {
    await client.query('set enable_seqscan = off; set enable_sort = off');
    await check?.(client);
  };
  const onConnect = (client: ClientBase): unknown => prepare(client);
  pool.options.onConnect = onConnect; // the pool waits for what it returns, though its type says it returns nothing
  return pool;
}
