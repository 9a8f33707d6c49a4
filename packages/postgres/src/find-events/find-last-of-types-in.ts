import type { Pool } from '../pool.ts';
import { rowsOf } from '../rows-of.ts';
import { findLastInCategories, type LastInCategories } from './find-last-in-categories.ts';
import type { LastOfTypes } from './find-last-of-types.ts';

export type LastOfTypesIn = LastOfTypes & LastInCategories;

/** Events of the types whose streams are looked at: few first, for what is of a type that stands in these categories alone. */
const looks = [1_000, 20_000];

/**
 * Positions of the last events that are of these types and in streams of these categories, first to last, however far back they are; `undefined` if
 * neither is rare enough to look through all of it. Throws `DatabaseUnavailable`.
 */
export async function findLastOfTypesIn(
  pool: Pool,
  wanted: LastOfTypesIn,
  { lookedAt = looks, ...options }: { readonly most?: number; readonly lookedAt?: readonly number[] } = {},
): Promise<readonly number[] | undefined> {
  const { types, categories, until, limit } = wanted;
  const [ofTypes, inCategories] = [[...new Set(types)], [...new Set(categories)]];
  for (const size of lookedAt) {
    const values = [ofTypes, inCategories, until, size];
    const seen = await rowsOf<{ position: number; wanted: boolean }>(pool, 'find_events/find_last_of_types_in', values);
    const found = seen.flatMap(({ position, wanted }) => (wanted ? [position] : []));
    if (found.length >= limit || seen.length < size) return limit === 0 ? [] : found.slice(-limit);
  }
  return findLastInCategories(pool, wanted, options);
}
