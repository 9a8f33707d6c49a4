import { isKirokuError, type Job, type JobControl, KirokuError, type ReadModelBuilds } from '@kiroku/core';
import { createPool, PostgresReadModelBuilds } from '@kiroku/postgres';
import { recordedRun } from '../audit/audited-run.ts';
import { connectionUrls, type Installation } from '../config/installation.ts';
import { type OperatingStores, openOperatingStores } from '../config/operating-stores.ts';
import type { Operator } from '../config/operator.ts';
import { dropBuilds } from '../projection-rebuild/drop-builds.ts';

export interface SteeringStores extends OperatingStores {
  /** Where a cancelled rebuild left what it had made. Missing: that is dropped by the next rebuild, or by `projection retire`. */
  readonly builds?: Pick<ReadModelBuilds, 'versions' | 'retire'>;
}

export interface JobSteering {
  readonly id: string;
  readonly control: JobControl;
  readonly operator: Operator;
}

/**
 * Pauses, resumes or cancels a job, and records who did. What one had built that is cancelled is dropped: by its process, or here if none runs it.
 * Throws `NotFound`, or `JobEnded`.
 */
export async function steerJob({ jobs, audit, builds }: SteeringStores, { id, control, operator }: JobSteering): Promise<Job> {
  const found = await jobs.job(id);
  return recordedRun(audit, operator, {
    verb: `job ${control}`,
    arguments: { id, verb: found.verb },
    before: async () => ({ state: found.state }),
    run: async () => {
      const job = await jobs[control](id);
      if (builds !== undefined && job.state === 'cancelled') await dropLeft(builds, job);
      return job;
    },
    after: ({ state, requested }) => ({ state, ...(requested && { requested }) }),
  });
}

/** `steerJob`, on behalf of the operator of an installation. */
export async function controlJobOf(installation: Installation, id: string, control: JobControl): Promise<Job> {
  const urls = await connectionUrls(installation, 'service');
  await using stores = openOperatingStores(urls, 'kiroku-cli');
  await using pool = createPool({ url: urls.query_db, applicationName: 'kiroku-cli', max: 1 });
  const builds = new PostgresReadModelBuilds({ pool });
  return await steerJob({ ...stores, builds }, { id, control, operator: installation.operator });
}

async function dropLeft(builds: Pick<ReadModelBuilds, 'versions' | 'retire'>, job: Job): Promise<void> {
  try {
    await dropBuilds(builds, job);
  } catch (error) {
    if (!isKirokuError(error)) throw error;
    throw new KirokuError(
      error.code,
      `Job ${job.id} is cancelled, but what it had built could not be dropped. \`kiroku projection retire NAME\` lists and drops it. ${error.message}`,
      { cause: error, details: error.details },
    );
  }
}
