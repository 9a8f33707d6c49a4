import type { BuildStatus, VersionStatus } from '@kiroku/core';
import type { ProjectionSources } from '../config/projection-stores.ts';
import { knownVersions, type LogNow, logNow, statusOf } from '../projection-list/list-projections.ts';
import { projectionLag } from '../projection-list/projection-lag.ts';
import { requireProjection } from '../projection-list/require-projection.ts';
import { nextSteps } from './next-steps.ts';
import type { ShownBuild, ShownProjection, ShownVersion } from './shown-projection.ts';

const shownKeys = 20;

/** All about one projection. Throws `NotFound`, with the name that was probably meant. */
export async function showProjection(stores: ProjectionSources, name: string): Promise<ShownProjection> {
  const [log, versions] = await Promise.all([logNow(stores), knownVersions(stores, name)]);
  if (versions.length === 0) requireProjection(stores.application, name); // throws
  // one that is declared and not built keeps nobody from needing the one before it
  const newest = Math.max(...versions.filter(({ builds }) => builds.length > 0).map(({ version }) => version));
  const awaited = versions.some(({ builds }) => builds.length === 0);
  const shown = await Promise.all(
    versions.map((version) => showVersion(stores, { version, superseded: version.version < newest || !awaited, log })),
  );
  return {
    projection: name,
    head: log.head,
    versions: shown,
    parked: await stores.builds.parkedKeys({ projection: name, limit: shownKeys }),
  };
}

async function showVersion(
  stores: ProjectionSources,
  looked: { readonly version: VersionStatus; readonly superseded: boolean; readonly log: LogNow },
): Promise<ShownVersion> {
  const { version, superseded } = looked;
  const { previousBuild, switchedAt, instances } = version;
  const kept = version.builds.filter(({ state }) => state !== 'retired');
  const builds = await Promise.all(kept.map((build) => showBuild(stores, build, looked.log)));
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

async function showBuild(stores: ProjectionSources, build: BuildStatus, { head, now }: LogNow): Promise<ShownBuild> {
  const partitions = await Promise.all(
    build.partitions.map(async (partition) => ({
      ...partition,
      lag: await projectionLag(stores.log, { head, position: partition.position, now }),
    })),
  );
  return { ...build, partitions, tables: await stores.tableSizes(build) };
}
