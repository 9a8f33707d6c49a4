import type { Pool } from '../pool.ts';
import { rowsOf } from '../rows-of.ts';

/** Bytes that a database takes on disk. Throws `DatabaseUnavailable`. */
export async function databaseBytes(pool: Pool): Promise<number> {
  const [row] = await rowsOf<{ readonly bytes: number }>(pool, 'physical_backup/database_bytes');
  return row?.bytes ?? 0;
}
