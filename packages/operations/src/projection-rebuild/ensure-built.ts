import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { isKirokuError, type Job, KirokuError, type LogIdentity, type Projection } from '@kiroku/core';
import { JobRunner } from '@kiroku/engine';
import type { ApplicationModule } from '../config/application-module.ts';
import type { DatabaseUrls } from '../config/installation.ts';
import type { OpenProjectionStores } from '../config/open-projection-stores.ts';
import type { ProjectionStores } from '../config/projection-stores.ts';
import { foldThreads } from './fold-in-threads.ts';
import { openRebuildStores } from './open-rebuild-stores.ts';
import { rebuildVerb, requiredCode } from './rebuild-arguments.ts';
import { rebuildJob } from './rebuild-job.ts';

/** A log shorter than this is followed from its beginning, without a rebuild. */
const defaultThreshold = 50_000;
const lookEveryMs = 500;

export interface EnsureBuiltOptions extends OpenProjectionStores {
  /** Names this process, for people. */
  readonly owner: string;
  /** Of `unbuilt`. */
  readonly projections: readonly Projection[];
  /** Ends the waiting; a rebuild that this process runs is left to the next. */
  readonly signal: AbortSignal;
  /** Where threads of a rebuild find the application. Default: it is folded without threads. */
  readonly applicationModule?: ApplicationModule;
  /** Told of every fault of a rebuild, and of the databases: it goes on all the same. */
  readonly onFault?: (error: unknown, job?: Job) => void;
  /** Throws if a job that builds one of them has failed, or was paused or cancelled. Default: its operator is waited for. */
  readonly failsWithJob?: boolean;
}

/**
 * Which projections have nothing to be read yet and a log too long to be followed from its beginning: a deploy of a new version. To be asked
 * before a worker prepares them.
 */
export async function unbuilt(
  { builds, events }: Pick<ProjectionStores, 'builds' | 'events'>,
  { projections, threshold = defaultThreshold }: { readonly projections: readonly Projection[]; readonly threshold?: number },
): Promise<readonly Projection[]> {
  const [{ position }, versions] = await Promise.all([events.head(), builds.versions()]);
  return projections.filter(({ name, version }) => {
    const status = versions.find((each) => each.projection === name && each.version === version);
    if (status?.activeBuild !== undefined) return false;
    return position > threshold || (status?.builds.some(({ state }) => state !== 'retired') ?? false); // it was begun
  });
}

/**
 * Resolves when all of these projections can be read: finds or creates the job that builds each, and runs it here unless another process does.
 * Instances that start at the same time find the same jobs.
 */
export async function ensureBuilt(databases: DatabaseUrls, options: EnsureBuiltOptions): Promise<void> {
  const { projections, signal, owner, onFault, failsWithJob = false } = options;
  const open = () => openRebuildStores(databases, options);
  await using stores = open();
  await using runner = new JobRunner({
    store: stores.jobs,
    definitions: [rebuildJob(open, foldThreads(databases, options))],
    provides: requiredCode(stores.application.projections),
    owner,
    ...(onFault && { onFault }),
  });
  while (!signal.aborted) {
    try {
      const missing = await unbuilt(stores, { projections, threshold: 0 });
      if (missing.length === 0) return await settled(stores, projections, signal);
      for (const projection of missing) await requireJob(stores, { projection, owner, failsWithJob });
      runner.start();
    } catch (error) {
      if (!isKirokuError(error) || !error.retryable) throw error;
      onFault?.(error);
    }
    await delay(lookEveryMs, undefined, { signal }).catch(() => undefined); // the signal has fired
  }
}

/** One job for a version of a projection on one log, whoever creates it. A job that failed or was paused waits for its operator. */
async function requireJob(
  stores: ProjectionStores,
  { projection, owner, failsWithJob }: { readonly projection: Projection; readonly owner: string; readonly failsWithJob: boolean },
): Promise<void> {
  const { jobs, events } = stores;
  const { log } = await events.head();
  const { id, state } = await jobOf(jobs, projection, log);
  if (failsWithJob && (state === 'failed' || state === 'paused' || state === 'cancelled')) throw heldUp(await jobs.job(id), projection);
  if (state !== undefined) return;
  const isBuiltMeanwhile = (await unbuilt(stores, { projections: [projection], threshold: 0 })).length === 0;
  if (isBuiltMeanwhile) return;
  const { name, version } = projection;
  const job = { id, verb: rebuildVerb, arguments: { projections: [{ name, version }] }, requires: requiredCode([projection]) };
  try {
    await jobs.create({ ...job, createdBy: owner, reason: `version ${version} of ${name} was deployed` });
  } catch (error) {
    if ((await find(jobs, id)) === undefined) throw error; // else another instance was faster
  }
}

function heldUp({ id, state, error }: Job, { name, version }: Projection): KirokuError {
  const why = error === undefined ? '' : `: ${error}`;
  return new KirokuError(
    'RebuildHeldUp',
    `${name} version ${version} is not built: its job ${id} is ${state}${why}. Mend what is wrong and \`kiroku job resume ${id}\`, or rebuild it with \`kiroku projection rebuild ${name}\`.`,
    { details: { job: id, projection: name, version } },
  );
}

/** The job that builds a version, there or to be made: the first that is not done. What one had built may have been retired since. */
async function jobOf(
  jobs: ProjectionStores['jobs'],
  projection: Projection,
  log: LogIdentity,
): Promise<{ readonly id: string; readonly state: Job['state'] | undefined }> {
  for (let number = 1; ; number++) {
    const id = jobId(projection, log, number);
    const state = (await find(jobs, id))?.state;
    if (state !== 'done') return { id, state };
  }
}

async function find(jobs: ProjectionStores['jobs'], id: string): Promise<Job | undefined> {
  return jobs.job(id).catch((error: unknown) => {
    if (isKirokuError(error, 'NotFound')) return undefined;
    throw error;
  });
}

/** A UUID of version 8 (RFC 9562) that is the same for the same version, log and number. */
function jobId({ name, version }: Projection, log: LogIdentity, number: number): string {
  const hash = createHash('sha256')
    .update(JSON.stringify(['ensure built', log.id, log.timeline, name, version, number]))
    .digest('hex');
  return [hash.slice(0, 8), hash.slice(8, 12), `8${hash.slice(13, 16)}`, `8${hash.slice(17, 20)}`, hash.slice(20, 32)].join('-');
}

/** What builds them may still have to record that it is done: stopped before that, it would be run again. */
async function settled({ jobs, events }: ProjectionStores, projections: readonly Projection[], signal: AbortSignal): Promise<void> {
  const { log } = await events.head();
  for (let tries = 0; tries < 20 && !signal.aborted; tries++) {
    const building = await Promise.all(projections.map((projection) => jobOf(jobs, projection, log)));
    if (!building.some(({ state }) => state === 'running')) return;
    await delay(lookEveryMs / 2);
  }
}
