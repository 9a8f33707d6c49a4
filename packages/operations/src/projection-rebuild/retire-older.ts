import { isKirokuError, type VersionStatus } from '@kiroku/core';
import type { ProjectionStores } from '../config/projection-stores.ts';
import type { RebuildTarget } from './rebuild-arguments.ts';

/**
 * Complete builds older than the one that a rebuild replaces. A newer one was made to be looked at, or is what somebody went back from: it stays.
 */
export function olderBuilds({ builds, activeBuild }: VersionStatus, replaced = 0): readonly number[] {
  return builds.filter(({ build, state }) => state === 'ready' && build !== activeBuild && build < replaced).map(({ build }) => build);
}

/** Retires them, and returns which. One that somebody has switched to meanwhile stays. */
export async function retireOlder(
  { builds }: Pick<ProjectionStores, 'builds'>,
  { name, version }: RebuildTarget,
  log: (line: string) => void,
): Promise<readonly number[]> {
  const status = (await builds.versions(name)).find((each) => each.version === version);
  const retired: number[] = [];
  for (const build of status === undefined ? [] : olderBuilds(status, status.previousBuild)) {
    try {
      await builds.retire({ projection: { name, version }, build });
      retired.push(build);
    } catch (error) {
      if (!isKirokuError(error, 'BuildInUse')) throw error;
      log(error.message);
    }
  }
  if (retired.length > 0) log(`retired of ${name}: build ${retired.join(', ')}`);
  return retired;
}
