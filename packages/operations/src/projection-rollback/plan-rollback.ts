import { KirokuError } from '@kiroku/core';
import type { ProjectionStores } from '../config/projection-stores.ts';
import { requireProjection } from '../projection-list/require-projection.ts';
import { requireVersion, type SwitchPlan } from '../projection-switch/switch-projection.ts';

/** The switch back to what was read before the last one. Throws `NotFound`, and `BuildNotReady` if it was retired. */
export async function planRollback({ application, builds }: ProjectionStores, name: string): Promise<SwitchPlan> {
  const { version } = requireProjection(application, name);
  const { activeBuild, previousBuild, builds: all } = await requireVersion({ builds }, { name, version });
  const previous = all.find(({ build }) => build === previousBuild);
  if (previous?.state !== 'ready') {
    throw new KirokuError(
      'BuildNotReady',
      `There is no build of ${name} version ${version} to go back to: it was never switched, or what was read before is retired.`,
    );
  }
  return { name, version, to: previous.build, ...(activeBuild !== undefined && { from: activeBuild }) };
}
