import { isKirokuError, type Projection, type ReadModel } from '@kiroku/core';
import type { ProjectionStores } from '../config/projection-stores.ts';

export interface ClaimBuildOptions {
  /** The job's id. */
  readonly job: string;
  /** Told of what is dropped. */
  readonly log: (text: string) => void;
}

/**
 * The build that a job makes of a projection: the one it had begun, or a new one. What a job left behind that will never go on with it is
 * dropped. Throws `RebuildUnderWay`.
 */
export async function claimBuild(
  { builds, jobs, events }: Pick<ProjectionStores, 'builds' | 'jobs' | 'events'>,
  projection: Projection,
  { job, log }: ClaimBuildOptions,
): Promise<ReadModel> {
  const left = await findBuilding({ builds }, projection);
  if (left !== undefined) {
    const model = { projection, build: left.build };
    if (left.job === job) return model;
    if (await hasEnded(jobs, left.job)) {
      await builds.retire(model);
      log(`build ${left.build} of ${projection.name}, left behind by job ${left.job}, was dropped`);
    }
  }
  const { log: identity } = await events.head();
  return builds.create(projection, { log: identity, job });
}

/** The build of a projection version that is being made. */
export async function findBuilding(
  { builds }: Pick<ProjectionStores, 'builds'>,
  { name, version }: Pick<Projection, 'name' | 'version'>,
): Promise<{ readonly build: number; readonly job?: string } | undefined> {
  const status = (await builds.versions(name)).find((each) => each.version === version);
  return status?.builds.find(({ state }) => state === 'building');
}

async function hasEnded(jobs: ProjectionStores['jobs'], id: string | undefined): Promise<boolean> {
  if (id === undefined) return true;
  try {
    return ['done', 'failed', 'cancelled'].includes((await jobs.job(id)).state);
  } catch (error) {
    if (isKirokuError(error, 'NotFound')) return true;
    throw error;
  }
}
