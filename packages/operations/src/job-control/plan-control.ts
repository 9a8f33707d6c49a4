import { controlJob, type Job, type JobControl } from '@kiroku/core';

/** What a control would make of a job, in a line for people. Throws `JobEnded`. */
export function planControl(job: Job, control: JobControl, now: number): string {
  const owned = job.state === 'running' && job.leasedUntil !== undefined && Date.parse(job.leasedUntil) >= now;
  const { state, requested } = controlJob(job, control, owned);
  if (requested !== undefined) return `${job.owner} runs job ${job.id}. It is asked to ${requested} it, and does so within a second.`;
  if (state === job.state) return `Job ${job.id} stays ${state}.`;
  return `Job ${job.id} is ${job.state}, and then ${state}.`;
}
