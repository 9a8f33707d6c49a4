import type { Job, JobLine } from '@kiroku/core';
import type { Installation } from '../config/installation.ts';
import { openJobs } from '../job-run/open-jobs.ts';

/** A job and the last lines of its log. Throws `NotFound`. */
export async function showJob(
  installation: Installation,
  id: string,
  { lines }: { readonly lines: number },
): Promise<{ readonly job: Job; readonly lines: readonly JobLine[] }> {
  await using store = await openJobs(installation);
  const [job, last] = [await store.job(id), await store.lines(id, lines)];
  return { job, lines: last };
}
