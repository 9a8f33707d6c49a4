import type { Job, JobState } from '@kiroku/core';
import type { Installation } from '../config/installation.ts';
import { openJobs } from '../job-run/open-jobs.ts';

export interface JobFilter {
  readonly states?: readonly JobState[];
  readonly verb?: string;
  readonly limit: number;
}

/** The jobs of an installation, latest first. */
export async function listJobs(installation: Installation, filter: JobFilter): Promise<readonly Job[]> {
  await using store = await openJobs(installation);
  return await store.jobs(filter);
}
