import type { Job } from '@kiroku/core';
import type { JobStatus } from '@kiroku/engine';
import { connectionUrls, type Installation } from '../config/installation.ts';
import type { OperatingStores } from '../config/operating-stores.ts';
import type { Operator } from '../config/operator.ts';
import { newJob } from '../job-run/new-job.ts';
import { runAsJob } from '../job-run/run-as-job.ts';
import { requiredCode } from '../projection-rebuild/rebuild-arguments.ts';
import type { ReplayPlan } from './plan-replay.ts';
import { type ReplayReport, replayJob, replayVerb } from './replay-job.ts';
import type { OpenReplay } from './replay-stores.ts';

export interface ReplayOptions extends Pick<OpenReplay, 'keys'> {
  readonly onProgress?: (status: JobStatus) => void;
  /** Pauses the job. */
  readonly signal?: AbortSignal;
}

/** Builds what was planned, as a job in this process. Throws `JobInterrupted` when the signal fires, which says how to go on. */
export async function replay(
  installation: Installation,
  { arguments: wanted }: ReplayPlan,
  { keys, ...options }: ReplayOptions,
): Promise<ReplayReport> {
  const { application } = installation.config;
  const job = replayJob(await connectionUrls(installation, 'service'), { application, keys });
  return runAsJob(installation, job, wanted, { ...options, code: requiredCode(wanted.projections) });
}

/** Leaves what was planned to the next process that has the code. */
export async function queueReplay(
  { jobs }: Pick<OperatingStores, 'jobs'>,
  { plan: { arguments: wanted }, operator }: { readonly plan: ReplayPlan; readonly operator: Operator },
): Promise<Job> {
  return jobs.create(newJob(operator, { verb: replayVerb, arguments: wanted, requires: requiredCode(wanted.projections) }));
}
