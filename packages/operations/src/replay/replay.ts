import type { JobStatus } from '@kiroku/engine';
import { auditedRun } from '../audit/audited-run.ts';
import { connectionUrls, type Installation } from '../config/installation.ts';
import { runAsJob } from '../job-run/run-as-job.ts';
import { requiredCode } from '../projection-rebuild/rebuild-arguments.ts';
import type { ReplayPlan } from './plan-replay.ts';
import { type ReplayReport, replayJob } from './replay-job.ts';
import type { OpenReplay } from './replay-stores.ts';

export interface ReplayOptions extends Pick<OpenReplay, 'keys'> {
  readonly onProgress?: (status: JobStatus) => void;
  /** Pauses the job. */
  readonly signal?: AbortSignal;
}

/** Builds what was planned, as a job in this process. Recorded in the audit log. Throws `JobInterrupted` when the signal fires, which says how to go on. */
export async function replay(
  installation: Installation,
  { arguments: wanted }: ReplayPlan,
  { keys, ...options }: ReplayOptions,
): Promise<ReplayReport> {
  const { application } = installation.config;
  const job = replayJob(await connectionUrls(installation, 'service'), { application, keys });
  return auditedRun(installation, {
    verb: 'replay',
    arguments: { moment: wanted.moment, projections: [...wanted.projections], replace: wanted.replace },
    run: () => runAsJob(installation, job, wanted, { ...options, code: requiredCode(wanted.projections) }),
    after: (report) => report,
  });
}
