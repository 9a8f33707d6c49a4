import type { Pool } from '../pool.ts';
import { rowsOf } from '../rows-of.ts';

export interface LastInCategories {
  readonly categories: readonly string[];
  /** Position. */
  readonly until: number;
  readonly limit: number;
  /** Default: of whatever type. */
  readonly types?: readonly string[];
}

/** Their entries of the index are a few MB, and sorted in a moment. */
const mostCounted = 100_000;

/**
 * Positions of the last events in streams of these categories, first to last, however far back they are; `undefined` if there are more than `most`
 * events in them: then they are not far apart. Throws `DatabaseUnavailable`.
 */
export async function findLastInCategories(
  pool: Pool,
  { categories, until, limit, types }: LastInCategories,
  { most = mostCounted }: { readonly most?: number } = {},
): Promise<readonly number[] | undefined> {
  const values = [[...new Set(categories)], until, limit, most, types === undefined ? null : [...new Set(types)]];
  const [found] = await rowsOf<{ events: number; positions: readonly number[] }>(pool, 'find_events/find_last_in_categories', values);
  return found === undefined || found.events > most ? undefined : found.positions;
}
