import type pg from 'pg';
import { toKirokuError } from '../errors.ts';
import type { Pool } from '../pool.ts';

/**
 * A transaction of two statements, the second made from what the first returns: `undefined` writes nothing, and what it throws undoes all. In two
 * round trips if the pool sends without waiting: begin goes with the first, commit with the second. Returns the row that the second returned.
 * Throws `KirokuError`s.
 */
export async function inTwoRoundTrips<Found extends pg.QueryResultRow, Written extends pg.QueryResultRow>(
  pool: Pool,
  find: pg.QueryConfig,
  write: (found: readonly Found[]) => pg.QueryConfig | undefined,
): Promise<Written | undefined> {
  const client = await pool.connect().catch((error: unknown) => {
    throw toKirokuError(error);
  });
  let broken = false;
  try {
    const [, { rows }] = await Promise.all([client.query('begin'), client.query<Found>(find)]);
    const writing = write(rows);
    if (writing === undefined) {
      await client.query('rollback');
      return undefined;
    }
    const [written] = await Promise.all([client.query<Written>(writing), client.query('commit')]); // after a failure, commit undoes all
    return written.rows[0];
  } catch (error) {
    await client.query('rollback').catch(() => {
      broken = true;
    });
    throw toKirokuError(error);
  } finally {
    client.release(broken); // a connection in an unknown state is closed, not reused
  }
}
