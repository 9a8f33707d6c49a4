import { KirokuError } from './errors.ts';
import type { Job, JobRequest, JobState } from './ports/job-store.ts';

export type JobControl = JobRequest | 'resume';

/** What a control makes of a job. */
export interface ControlledJob {
  readonly state: JobState;
  readonly requested?: JobRequest;
}

/** What becomes of a job that is paused, resumed or cancelled. `owned`: a process runs it and keeps its lease, so it has to be asked. Throws `JobEnded`. */
export function controlJob(job: Pick<Job, 'id' | 'state' | 'requested'>, control: JobControl, owned: boolean): ControlledJob {
  switch (job.state) {
    case 'queued':
    case 'paused':
      return { state: restingState(control) };
    case 'running':
      if (!owned) return { state: restingState(control) };
      return control === 'resume' ? { state: 'running' } : { state: 'running', requested: sterner(job.requested, control) };
    case 'failed':
      if (control === 'pause') throw ended(job, control);
      return { state: restingState(control) };
    case 'done':
    case 'cancelled':
      throw ended(job, control);
  }
}

function restingState(control: JobControl): JobState {
  return control === 'resume' ? 'queued' : control === 'pause' ? 'paused' : 'cancelled';
}

// who cancels does not want it back because somebody else pauses it
function sterner(before: JobRequest | undefined, now: JobRequest): JobRequest {
  return before === 'cancel' ? before : now;
}

function ended({ id, state }: Pick<Job, 'id' | 'state'>, control: JobControl): KirokuError {
  const instead = state === 'failed' ? 'Resume or cancel it.' : 'Start a new one.';
  const verb = { pause: 'paused', resume: 'resumed', cancel: 'cancelled' }[control];
  return new KirokuError('JobEnded', `Job ${id} is ${state}, so it cannot be ${verb}. ${instead}`, { details: { id, state } });
}
