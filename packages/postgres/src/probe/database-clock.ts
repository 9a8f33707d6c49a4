import type { Pool } from '../pool.ts';
import { rowsOf } from '../rows-of.ts';

/**
 * The time by the clock of a database, milliseconds since 1970. The age of what a database has stamped is told by this one: the clock of another
 * machine may differ, and may jump.
 */
export async function databaseClock(pool: Pick<Pool, 'query'>): Promise<number> {
  const [read] = await rowsOf<{ now: number }>(pool, 'probe/read_clock');
  return read?.now ?? Number.NaN; // there is always a row
}
