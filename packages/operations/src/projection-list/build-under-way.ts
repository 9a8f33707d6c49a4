import { isKirokuError, type Job, type JobStore, type VersionStatus } from '@kiroku/core';

/** A build that is being made, and the job that makes it. */
export interface BuildUnderWay {
  readonly build: number;
  readonly job?: Pick<Job, 'id' | 'state' | 'progress' | 'rate' | 'etaSeconds'>;
}

/** The build of a version that is being made; without its job if command_db cannot be read: what is read can be shown all the same. */
export async function buildUnderWay(jobs: Pick<JobStore, 'job'>, version: VersionStatus): Promise<BuildUnderWay | undefined> {
  const building = version.builds.find(({ state }) => state === 'building');
  if (building === undefined) return undefined;
  const job = building.job === undefined ? undefined : await jobOf(jobs, building.job);
  if (job === undefined) return { build: building.build };
  const { id, state, progress, rate, etaSeconds } = job;
  return {
    build: building.build,
    job: { id, state, ...(progress && { progress }), ...(rate !== undefined && { rate }), ...(etaSeconds !== undefined && { etaSeconds }) },
  };
}

async function jobOf(jobs: Pick<JobStore, 'job'>, id: string): Promise<Job | undefined> {
  try {
    return await jobs.job(id);
  } catch (error) {
    if (isKirokuError(error)) return undefined;
    throw error;
  }
}
