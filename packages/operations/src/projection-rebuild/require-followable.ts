import { isKirokuError, KirokuError, type Projection, type VersionStatus } from '@kiroku/core';
import type { ProjectionStores } from '../config/projection-stores.ts';

/**
 * Whoever follows the build that is read has its columns. With others declared here, under the same version, the new build would be switched to,
 * and all of them would stall. A build that is stalled already may have been altered by hand, which a rebuild mends. Throws `DefinitionInvalid`.
 */
export async function requireFollowable(
  stores: Pick<ProjectionStores, 'requireDeclaredTables'>,
  projection: Projection,
  versions: readonly VersionStatus[],
): Promise<void> {
  const { name, version } = projection;
  const status = versions.find((each) => each.projection === name && each.version === version);
  const active = status?.builds.find((each) => each.active);
  if (status === undefined || active === undefined || status.instances.length === 0) return;
  if (active.partitions.some(({ stalled }) => stalled !== undefined)) return;
  try {
    await stores.requireDeclaredTables({ projection, build: active.build });
  } catch (error) {
    const differences = isKirokuError(error, 'DefinitionInvalid') ? error.details?.differences : undefined;
    if (!Array.isArray(differences)) throw error;
    throw new KirokuError(
      'DefinitionInvalid',
      `${name} version ${version} is run by ${status.instances.join(', ')} with other columns than this code declares: ${differences.join('; ')}. They could not follow a build of it. Raise the projection's version to ${version + 1} and deploy that: it is built then, and the one before goes on being read meanwhile.`,
      { cause: error, details: { projection: name, version, differences } },
    );
  }
}
