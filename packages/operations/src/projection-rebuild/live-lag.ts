import type { VersionStatus } from '@kiroku/core';
import type { ProjectionSources } from '../config/projection-stores.ts';
import { projectionLag } from '../projection-list/projection-lag.ts';

/** Seconds that the slowest live read model is behind; those that nobody follows, or that cannot go on, do not count. */
export async function liveLagSeconds({ builds, log }: Pick<ProjectionSources, 'builds' | 'log'>): Promise<number> {
  const positions = (await builds.versions()).flatMap(followedPosition);
  if (positions.length === 0) return 0;
  const { position: head } = await log.head();
  const { seconds } = await projectionLag(log, { head, position: Math.min(...positions), now: Date.now() });
  return seconds;
}

function followedPosition({ builds, pausedAt }: VersionStatus): readonly number[] {
  const active = builds.find((build) => build.active);
  if (active === undefined || pausedAt !== undefined) return [];
  return active.partitions.filter(({ owner, stalled }) => owner !== undefined && stalled === undefined).map(({ position }) => position);
}
