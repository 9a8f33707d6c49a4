import type { Job, KeyStore } from '@kiroku/core';
import { connectionUrls, type Installation } from '../config/installation.ts';
import { openProjectionStores } from '../config/open-projection-stores.ts';
import type { Operator } from '../config/operator.ts';
import type { ProjectionStores } from '../config/projection-stores.ts';
import { newJob } from '../job-run/new-job.ts';
import { type RunJobHereOptions, runAsJob } from '../job-run/run-as-job.ts';
import { chosenProjections } from '../projection-rebuild/plan-rebuild.ts';
import { requiredCode } from '../projection-rebuild/rebuild-arguments.ts';
import { type ProjectionVerifyArguments, projectionVerifyJob, projectionVerifyVerb } from './projection-verify-job.ts';
import type { ProjectionVerifyReport } from './verify-report.ts';

/** Verifies in this process, as a job. Throws `JobInterrupted` when the signal fires, which says how to go on. */
export async function verifyProjections(
  installation: Installation,
  keys: KeyStore,
  { wanted, ...options }: Pick<RunJobHereOptions, 'onProgress' | 'signal'> & { readonly wanted: ProjectionVerifyArguments },
): Promise<ProjectionVerifyReport> {
  const databases = await connectionUrls(installation, 'service');
  const { application } = installation.config;
  const job = projectionVerifyJob(() => openProjectionStores(databases, { application, keys, applicationName: 'kiroku-verify' }));
  return runAsJob(installation, job, wanted, { ...options, code: requiredCode(wanted.projections) });
}

/** The projections of these names; without names, all that can be verified: of SQL of its own it cannot be told what its rows should be. Throws `NotFound`. */
export function verifiable(
  stores: Pick<ProjectionStores, 'application'>,
  names: readonly string[],
): readonly { readonly name: string; readonly version: number }[] {
  return chosenProjections(stores, names, names.length === 0)
    .filter(({ kind }) => kind === 'fold' || names.length > 0)
    .map(({ name, version }) => ({ name, version }));
}

/** Leaves a verification to the next process that has the code. */
export async function queueProjectionVerify(
  { jobs }: Pick<ProjectionStores, 'jobs'>,
  { wanted, operator }: { readonly wanted: ProjectionVerifyArguments; readonly operator: Operator },
): Promise<Job> {
  return jobs.create(newJob(operator, { verb: projectionVerifyVerb, arguments: wanted, requires: requiredCode(wanted.projections) }));
}
