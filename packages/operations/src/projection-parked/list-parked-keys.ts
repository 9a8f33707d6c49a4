import type { ParkedKey } from '@kiroku/core';
import type { ProjectionSources } from '../config/projection-stores.ts';
import { knownVersions } from '../projection-list/list-projections.ts';
import { requireProjection } from '../projection-list/require-projection.ts';

/** More than anybody settles in one go. */
export const manyKeys = 100_000;

/** Parked keys, oldest first, of all projections or of one. Throws `NotFound`, with the name that was probably meant. */
export async function listParkedKeys(
  stores: ProjectionSources,
  { projection, limit }: { readonly projection?: string; readonly limit: number },
): Promise<readonly ParkedKey[]> {
  if (projection === undefined) return await stores.builds.parkedKeys({ limit });
  if ((await knownVersions(stores, projection)).length === 0) requireProjection(stores.application, projection); // throws
  return await stores.builds.parkedKeys({ projection, limit });
}
