import type { Job, JobLine, JobStore } from '@kiroku/core';
import type { Installation } from '../config/installation.ts';
import { openJobs } from '../job-run/open-jobs.ts';

export interface ShownJob {
  readonly job: Job;
  /** The last ones, oldest first. */
  readonly lines: readonly JobLine[];
  /** There are earlier lines, before this number; `null`: these are all. */
  readonly linesBefore: number | null;
}

/** What of the log of a job is to be shown. */
export interface LinesToShow {
  /** At most. */
  readonly lines: number;
  /** Only lines before this number. */
  readonly before?: number;
}

/** A job and the last lines of its log. Throws `NotFound`. */
export async function showJob(installation: Installation, id: string, wanted: LinesToShow): Promise<ShownJob> {
  await using store = await openJobs(installation);
  return await shownJob(store, id, wanted);
}

/** The same, of a store. */
export async function shownJob(
  store: Pick<JobStore, 'job' | 'lines'>,
  id: string,
  { lines: most, before }: LinesToShow,
): Promise<ShownJob> {
  const job = await store.job(id);
  const last = await store.lines(id, most + 1, before); // one more tells whether there are more
  const lines = last.slice(Math.max(0, last.length - most));
  const next = lines[0]?.number ?? (last.at(-1)?.number ?? 0) + 1; // none were asked for: all that are there are before
  return { job, lines, linesBefore: last.length > most ? next : null };
}
