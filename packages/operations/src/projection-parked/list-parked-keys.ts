import type { ParkedKey } from '@kiroku/core';
import type { ProjectionSources } from '../config/projection-stores.ts';
import { readParkedPlace } from '../list-places/list-places.ts';
import { knownVersions } from '../projection-list/list-projections.ts';
import { requireProjection } from '../projection-list/require-projection.ts';

/** More than anybody settles in one go. */
export const manyKeys = 100_000;

export interface ParkedFilter {
  /** Default: of all. */
  readonly projection?: string;
  /** Where a list before ended: `parkedPlace` of its last key. */
  readonly after?: string;
  readonly limit: number;
}

/** Parked keys, oldest first. Throws `NotFound`, with the name that was probably meant, and `BadRequest` for a place that is none. */
export async function listParkedKeys(stores: ProjectionSources, { projection, after, limit }: ParkedFilter): Promise<readonly ParkedKey[]> {
  const page = { limit, ...(after !== undefined && { after: readParkedPlace(after) }) };
  if (projection === undefined) return await stores.builds.parkedKeys(page);
  if ((await knownVersions(stores, projection)).length === 0) requireProjection(stores.application, projection); // throws
  return await stores.builds.parkedKeys({ ...page, projection });
}
