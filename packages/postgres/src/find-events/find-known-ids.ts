import type { Pool } from '../pool.ts';
import { rowsOf } from '../rows-of.ts';

/** Which of these ids (UUIDs, lower case) events of the log have, however old they are. Throws `DatabaseUnavailable`. */
export async function findKnownIds(pool: Pool, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const known = await rowsOf<{ id: string }>(pool, 'find_events/find_known_ids', [ids]);
  return new Set(known.map(({ id }) => id));
}
