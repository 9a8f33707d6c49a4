import type { Pool } from '../pool.ts';
import { rowsOf } from '../rows-of.ts';

export interface LastOfTypes {
  readonly types: readonly string[];
  /** Position. */
  readonly until: number;
  readonly limit: number;
}

/** Positions of the last events of these types, first to last, however far back they are. Throws `DatabaseUnavailable`. */
export async function findLastOfTypes(pool: Pool, { types, until, limit }: LastOfTypes): Promise<readonly number[]> {
  const rows = await rowsOf<{ position: number }>(pool, 'find_events/find_last_of_types', [[...new Set(types)], until, limit]);
  return rows.map(({ position }) => position);
}
