import type { Job, JobChoice, JobState } from '@kiroku/core';
import type { Installation } from '../config/installation.ts';
import { openJobs } from '../job-run/open-jobs.ts';
import { readJobPlace } from '../list-places/list-places.ts';

export interface JobFilter {
  readonly states?: readonly JobState[];
  readonly verb?: string;
  /** Where a list before ended: `jobPlace` of its last job. */
  readonly before?: string;
  readonly limit: number;
}

/** The jobs of an installation, latest first. Throws `BadRequest` for a place that is none. */
export async function listJobs(installation: Installation, filter: JobFilter): Promise<readonly Job[]> {
  const choice = jobChoice(filter);
  await using store = await openJobs(installation);
  return await store.jobs(choice);
}

/** What a store is asked for. Throws `BadRequest`. */
export function jobChoice({ before, ...filter }: JobFilter): JobChoice {
  return { ...filter, ...(before !== undefined && { before: readJobPlace(before) }) };
}
