import type { Job, KeyStore } from '@kiroku/core';
import { connectionUrls, type Installation } from '../config/installation.ts';
import type { Operator } from '../config/operator.ts';
import type { ProjectionStores } from '../config/projection-stores.ts';
import { newJob } from '../job-run/new-job.ts';
import { type RunJobHereOptions, runAsJob } from '../job-run/run-as-job.ts';
import { foldThreads } from './fold-in-threads.ts';
import { openRebuildStores } from './open-rebuild-stores.ts';
import { type RebuildArguments, type RebuildReport, rebuildVerb, requiredCode } from './rebuild-arguments.ts';
import { rebuildJob } from './rebuild-job.ts';

/** Rebuilds in this process, as a job. Throws `JobInterrupted` when the signal fires, which says how to go on. */
export async function rebuildProjections(
  installation: Installation,
  keys: KeyStore,
  { wanted, ...options }: Pick<RunJobHereOptions, 'onProgress' | 'signal'> & { readonly wanted: RebuildArguments },
): Promise<RebuildReport> {
  const databases = await connectionUrls(installation, 'service');
  const { application } = installation.config;
  const threads = foldThreads(databases, { ...installation, keys });
  const job = rebuildJob(() => openRebuildStores(databases, { application, keys, applicationName: 'kiroku-rebuild' }), threads);
  return runAsJob(installation, job, wanted, { ...options, code: requiredCode(wanted.projections) });
}

/** Leaves a rebuild to the next process that has the code. */
export async function queueRebuild(
  { jobs }: Pick<ProjectionStores, 'jobs'>,
  { wanted, operator }: { readonly wanted: RebuildArguments; readonly operator: Operator },
): Promise<Job> {
  return jobs.create(newJob(operator, { verb: rebuildVerb, arguments: wanted, requires: requiredCode(wanted.projections) }));
}
