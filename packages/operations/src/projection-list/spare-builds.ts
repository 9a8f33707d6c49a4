import type { VersionStatus } from '@kiroku/core';

/** From so many on somebody is told: one may be a build that was just made and is looked at before it is switched to. */
export const manySpareBuilds = 2;

/** Complete builds that neither queries read nor a rollback leads to: each is followed all the same, until it is retired. Oldest first. */
export function spareBuilds({ builds, activeBuild, previousBuild }: VersionStatus): readonly number[] {
  const spare = builds.filter(({ build, state }) => state === 'ready' && build !== activeBuild && build !== previousBuild);
  return spare.map(({ build }) => build).sort((a, b) => a - b);
}

/** Are they so many that somebody should retire them? */
export function arePilingUp(spare: readonly number[]): boolean {
  return spare.length >= manySpareBuilds;
}
