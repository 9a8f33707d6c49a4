import type { Job, JobControl } from '@kiroku/core';
import { recordedRun } from '../audit/audited-run.ts';
import { connectionUrls, type Installation } from '../config/installation.ts';
import { type OperatingStores, openOperatingStores } from '../config/operating-stores.ts';
import type { Operator } from '../config/operator.ts';

export interface JobSteering {
  readonly id: string;
  readonly control: JobControl;
  readonly operator: Operator;
}

/** Pauses, resumes or cancels a job, and records who did. Throws `NotFound`, or `JobEnded`. */
export async function steerJob({ jobs, audit }: OperatingStores, { id, control, operator }: JobSteering): Promise<Job> {
  const found = await jobs.job(id);
  return recordedRun(audit, operator, {
    verb: `job ${control}`,
    arguments: { id, verb: found.verb },
    before: async () => ({ state: found.state }),
    run: () => jobs[control](id),
    after: ({ state, requested }) => ({ state, ...(requested && { requested }) }),
  });
}

/** `steerJob`, on behalf of the operator of an installation. */
export async function controlJobOf(installation: Installation, id: string, control: JobControl): Promise<Job> {
  await using stores = openOperatingStores(await connectionUrls(installation, 'service'), 'kiroku-cli');
  return await steerJob(stores, { id, control, operator: installation.operator });
}
