import type pg from 'pg';
import { toKirokuError } from './errors.ts';
import { noteFaultOf } from './naming-faults.ts';
import type { Pool } from './pool.ts';

/** Runs `work` in a transaction of its own; commits if it succeeds, rolls back and rethrows if not. Throws `KirokuError`s. */
export async function inTransaction<T>(pool: Pool, begin: string, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect().catch((error: unknown) => {
    throw toKirokuError(error);
  });
  let broken = false;
  try {
    await client.query(begin);
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(() => {
      broken = true;
    });
    noteFaultOf(pool, error);
    throw toKirokuError(error);
  } finally {
    client.release(broken); // a connection in an unknown state is closed, not reused
  }
}
