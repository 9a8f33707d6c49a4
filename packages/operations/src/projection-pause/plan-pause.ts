import type { ProjectionStatus } from '../projection-list/list-projections.ts';
import { unknownProjection } from '../projection-list/require-projection.ts';

export interface Pausing {
  readonly names: readonly string[];
  /** False: they go on. */
  readonly paused: boolean;
}

/** A version that is paused or let go on. */
export interface PausedVersion {
  readonly projection: string;
  readonly version: number;
  /** It is so already. */
  readonly unchanged: boolean;
}

/** Which versions would be paused or let go on: of each name all that can be read. Throws `NotFound`. */
export function planPause(statuses: readonly ProjectionStatus[], { names, paused }: Pausing): readonly PausedVersion[] {
  return [...new Set(names)].flatMap((name) => {
    const versions = statuses.filter(({ projection }) => projection === name);
    if (versions.length === 0)
      throw unknownProjection(
        name,
        statuses.map(({ projection }) => projection),
      );
    return versions
      .filter(({ activeBuild }) => activeBuild !== undefined)
      .map(({ projection, version, pausedAt }) => ({ projection, version, unchanged: paused === (pausedAt !== undefined) }));
  });
}
