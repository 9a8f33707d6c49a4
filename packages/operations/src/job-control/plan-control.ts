import { controlJob, type Job, type JobControl } from '@kiroku/core';
import { rebuildVerb } from '../projection-rebuild/rebuild-arguments.ts';

/** What a control would make of a job, in a line for people. Throws `JobEnded`. */
export function planControl(job: Job, control: JobControl, now: number): string {
  const owned = job.state === 'running' && job.leasedUntil !== undefined && Date.parse(job.leasedUntil) >= now;
  const dropped = control === 'cancel' && job.verb === rebuildVerb ? ' What it has built is dropped, unless it is read.' : '';
  const { state, requested } = controlJob(job, control, owned);
  if (requested !== undefined)
    return `${job.owner} runs job ${job.id}. It is asked to ${requested} it, and does so within a second.${dropped}`;
  if (state === job.state) return `Job ${job.id} stays ${state}.`;
  return `Job ${job.id} is ${job.state}, and then ${state}.${dropped}`;
}
