import { isKirokuError, type Job, KirokuError, type Projection, type ReadModel } from '@kiroku/core';
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
  for (const followed of await findFollowed({ builds }, projection))
    await endFollowed({ builds, jobs }, projection, followed, { job, log });
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

/**
 * Builds that jobs have made, that nothing reads or has read: of a projection with SQL of its own. They are followed, as any that is ready, but
 * whether they are complete only their jobs know. None of any other projection.
 */
export async function findFollowed(
  { builds }: Pick<ProjectionStores, 'builds'>,
  { kind, name, version }: Projection,
): Promise<readonly { readonly build: number; readonly job: string }[]> {
  if (kind === 'fold') return [];
  const status = (await builds.versions(name)).find((each) => each.version === version);
  const read = [status?.activeBuild, status?.previousBuild];
  return (status?.builds ?? []).flatMap(({ build, state, job }) =>
    state === 'ready' && job !== undefined && !read.includes(build) ? [{ build, job }] : [],
  );
}

async function endFollowed(
  { builds, jobs }: Pick<ProjectionStores, 'builds' | 'jobs'>,
  projection: Projection,
  followed: { readonly build: number; readonly job: string },
  { job, log }: ClaimBuildOptions,
): Promise<void> {
  if (followed.job === job) return;
  const { name, version } = projection;
  const state = await stateOf(jobs, followed.job);
  if (state === undefined || state === 'done') return; // complete, and left beside the one that is read
  if (state !== 'failed' && state !== 'cancelled') {
    throw new KirokuError(
      'RebuildUnderWay',
      `${name} version ${version} is being rebuilt already, by job ${followed.job}. Wait for it, or drop it by \`kiroku job cancel ${followed.job}\`.`,
      { details: { projection: name, version, job: followed.job } },
    );
  }
  await builds.retire({ projection, build: followed.build });
  log(`build ${followed.build} of ${name}, left behind by job ${followed.job}, was dropped`);
}

async function hasEnded(jobs: ProjectionStores['jobs'], id: string | undefined): Promise<boolean> {
  const state = id === undefined ? undefined : await stateOf(jobs, id);
  return state === undefined || ['done', 'failed', 'cancelled'].includes(state);
}

/** `undefined`: nobody knows the job any more. */
async function stateOf(jobs: ProjectionStores['jobs'], id: string): Promise<Job['state'] | undefined> {
  try {
    return (await jobs.job(id)).state;
  } catch (error) {
    if (isKirokuError(error, 'NotFound')) return undefined;
    throw error;
  }
}
