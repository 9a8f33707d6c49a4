import type { BuildStatus, VersionStatus } from '@kiroku/core';
import type { ProjectionFigures } from '../config/projection-stores.ts';
import { knownVersions, statusOf } from '../projection-list/list-projections.ts';
import { nowOf, projectionLag } from '../projection-list/projection-lag.ts';
import { requireProjection } from '../projection-list/require-projection.ts';
import { nextSteps } from './next-steps.ts';
import type { ShownBuild, ShownProjection, ShownVersion } from './shown-projection.ts';

const shownKeys = 20;

/** All about one projection. Throws `NotFound`, with the name that was probably meant. */
export async function showProjection(stores: ProjectionFigures, name: string): Promise<ShownProjection> {
  const [{ position: head }, versions] = await Promise.all([stores.log.head(), knownVersions(stores, name)]);
  if (versions.length === 0) requireProjection(stores.application, name); // throws
  const now = await nowOf(stores);
  // one that is declared and not built keeps nobody from needing the one before it
  const newest = Math.max(...versions.filter(({ builds }) => builds.length > 0).map(({ version }) => version));
  const awaited = versions.some(({ builds }) => builds.length === 0);
  const shown = await Promise.all(
    versions.map((version) => showVersion(stores, { version, superseded: version.version < newest || !awaited, head, now })),
  );
  return { projection: name, head, versions: shown, parked: await stores.builds.parkedKeys({ projection: name, limit: shownKeys }) };
}

async function showVersion(
  stores: ProjectionFigures,
  looked: { readonly version: VersionStatus; readonly superseded: boolean; readonly head: number; readonly now: number },
): Promise<ShownVersion> {
  const { version, superseded } = looked;
  const { previousBuild, switchedAt, instances } = version;
  const kept = version.builds.filter(({ state }) => state !== 'retired');
  const builds = await Promise.all(kept.map((build) => showBuild(stores, build, looked)));
  const status = await statusOf(stores, looked);
  return {
    ...status,
    ...(previousBuild !== undefined && { previousBuild }),
    ...(switchedAt !== undefined && { switchedAt }),
    instances,
    builds,
    steps: nextSteps({ status, superseded, previousBuild, builds }),
  };
}

async function showBuild(
  stores: ProjectionFigures,
  build: BuildStatus,
  { head, now }: { readonly head: number; readonly now: number },
): Promise<ShownBuild> {
  const partitions = await Promise.all(
    build.partitions.map(async (partition) => ({
      ...partition,
      lag: await projectionLag(stores.log, { head, position: partition.position, now }),
    })),
  );
  return { ...build, partitions, tables: await stores.tableSizes(build) };
}
