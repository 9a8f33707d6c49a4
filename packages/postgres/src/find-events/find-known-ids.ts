import { toKirokuError } from '../errors.ts';
import type { Pool } from '../pool.ts';
import { statement } from '../statement.ts';

/** Which of these ids (UUIDs, lower case) events of the log have, however old they are. Throws `DatabaseUnavailable`. */
export async function findKnownIds(pool: Pool, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  try {
    const { rows } = await pool.query<{ id: string }>({ ...statement('find_events/find_known_ids'), values: [ids] });
    return new Set(rows.map(({ id }) => id));
  } catch (error) {
    throw toKirokuError(error);
  }
}
