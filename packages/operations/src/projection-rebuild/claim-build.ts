import { type BuildState, type BuildStatus, isKirokuError, type Job, KirokuError, type OwnedBuild, type Projection } from '@kiroku/core';
import type { ProjectionStores } from '../config/projection-stores.ts';

type BuildStores = Pick<ProjectionStores, 'builds' | 'jobs'>;

/** A run of a job. */
export interface BuildingRun {
  readonly job: string;
  readonly epoch: number;
}

/** The build that an earlier run of the job has begun; from now on only this run writes it. `undefined` if there is none. */
export async function takeUpBuild(
  { builds }: Pick<BuildStores, 'builds'>,
  projection: Projection,
  { job, epoch }: BuildingRun,
): Promise<{ readonly model: OwnedBuild; readonly state: BuildState } | undefined> {
  const begun = (await keptBuilds({ builds }, projection)).find((each) => each.job === job);
  if (begun === undefined) return undefined;
  const model = { projection, build: begun.build, epoch };
  const state = await builds.takeOver(model);
  return state === 'retired' ? undefined : { model, state };
}

/** Makes a new build for a job. What a job left behind that will never go on with it is dropped, and told. Throws `RebuildUnderWay`. */
export async function claimBuild(
  { builds, jobs, events }: BuildStores & Pick<ProjectionStores, 'events'>,
  projection: Projection,
  { job, epoch, log }: BuildingRun & { readonly log: (text: string) => void },
): Promise<OwnedBuild> {
  for (const { build, job: other, ended } of await buildsUnderWay({ builds, jobs }, projection)) {
    if (!ended) throw underWay(projection, other);
    await builds.retire({ projection, build });
    log(`build ${build} of ${projection.name}, left behind by job ${other}, was dropped`);
  }
  const { log: identity } = await events.head();
  return builds.create(projection, { log: identity, job, epoch });
}

/** Throws `RebuildUnderWay` if a job makes a build of this version. */
export async function requireNotUnderWay(stores: BuildStores, projection: Projection): Promise<void> {
  for (const { job, ended } of await buildsUnderWay(stores, projection)) if (!ended) throw underWay(projection, job);
}

/**
 * The builds that jobs have begun and not completed, and whether these jobs have ended. Those of a projection with SQL of its own are followed
 * from their beginning: whether one that nothing reads or has read is complete only its job knows.
 */
async function buildsUnderWay(
  { builds, jobs }: BuildStores,
  projection: Projection,
): Promise<readonly { readonly build: number; readonly job: string | undefined; readonly ended: boolean }[]> {
  const found = [];
  for (const { build, state, job, unread } of await keptBuilds({ builds }, projection)) {
    if (state === 'building') found.push({ build, job, ended: await hasEnded(jobs, job) });
    else if (projection.kind === 'sql' && job !== undefined && unread) {
      const made = await stateOf(jobs, job);
      if (made !== undefined && made !== 'done') found.push({ build, job, ended: made === 'failed' || made === 'cancelled' });
    }
  }
  return found;
}

async function keptBuilds(
  { builds }: Pick<BuildStores, 'builds'>,
  { name, version }: Projection,
): Promise<readonly (BuildStatus & { readonly unread: boolean })[]> {
  const status = (await builds.versions(name)).find((each) => each.version === version);
  const read = [status?.activeBuild, status?.previousBuild];
  return (status?.builds ?? []).filter(({ state }) => state !== 'retired').map((each) => ({ ...each, unread: !read.includes(each.build) }));
}

function underWay({ name, version }: Projection, job: string | undefined): KirokuError {
  return new KirokuError(
    'RebuildUnderWay',
    `${name} version ${version} is being rebuilt already, by job ${job}. Wait for it, go on with it by \`kiroku job resume ${job}\`, or drop it by \`kiroku job cancel ${job}\`.`,
    { details: { projection: name, version, ...(job !== undefined && { job }) } },
  );
}

/** Whether a job will not go on with what it has begun, unless somebody resumes it. */
export async function hasEnded(jobs: ProjectionStores['jobs'], id: string | undefined): Promise<boolean> {
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
