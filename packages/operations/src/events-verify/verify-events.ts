import type { JobStatus } from '@kiroku/engine';
import { connectionUrls, type Installation } from '../config/installation.ts';
import { runAsJob } from '../job-run/run-as-job.ts';
import { type VerifyArguments, type VerifyReport, verifyJob } from './verify-job.ts';

export interface VerifyOptions {
  readonly onProgress?: (status: JobStatus) => void;
  /** Pauses the job. */
  readonly signal?: AbortSignal;
  /** Keep it as a job, which can be resumed. Default true; without, it needs nothing but the event store. */
  readonly asJob?: boolean;
}

/** Verifies the log in this process. Throws `JobInterrupted` when the signal fires, which says how to go on. */
export async function verifyEvents(
  installation: Installation,
  wanted: VerifyArguments,
  { asJob = true, onProgress, signal = new AbortController().signal }: VerifyOptions = {},
): Promise<VerifyReport> {
  const job = verifyJob(await connectionUrls(installation, 'service'));
  if (asJob) return runAsJob(installation, job, wanted, { signal, ...(onProgress && { onProgress }) });
  return job.run({
    id: '',
    arguments: wanted,
    epoch: 1,
    cursor: undefined,
    signal,
    report: (progress) => onProgress?.({ id: '', verb: job.verb, progress }),
    saved: () => Promise.resolve(),
    log: () => undefined,
  });
}
