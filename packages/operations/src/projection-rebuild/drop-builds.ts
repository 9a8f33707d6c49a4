import type { Job, ReadModelBuilds } from '@kiroku/core';
import { rebuildVerb } from './rebuild-arguments.ts';

/** Drops what a rebuild has made that was cancelled, but for what is read, or what a rollback leads to; a line for people of each. */
export async function dropBuilds(
  builds: Pick<ReadModelBuilds, 'versions' | 'retire'>,
  { id, verb }: Pick<Job, 'id' | 'verb'>,
): Promise<readonly string[]> {
  if (verb !== rebuildVerb) return [];
  const dropped: string[] = [];
  for (const { projection: name, version, activeBuild, previousBuild, builds: made } of await builds.versions()) {
    for (const { build, job, state } of made) {
      if (job !== id || state === 'retired' || build === activeBuild || build === previousBuild) continue;
      await builds.retire({ projection: { name, version }, build });
      dropped.push(`build ${build} of ${name}, of a cancelled rebuild, was dropped`);
    }
  }
  return dropped;
}
