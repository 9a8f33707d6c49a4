import type { Job, JobLease, JobReport, JobStore, NewJob, OperatorAudit } from '@kiroku/core';
import { v7 as uuidv7 } from 'uuid';

/** `audit`: where its jobs are actions. */
export type MakeJobStore = () => Promise<AsyncDisposable & { readonly store: JobStore; readonly audit: OperatorAudit }>;

export const claimant = { owner: 'a@host (1)', leaseMs: 60_000 };
export const brief = { owner: 'b@host (2)', leaseMs: 1 };
export const report: JobReport = {
  progress: { done: 10, total: 100, unit: 'events' },
  cursor: { position: 10, findings: ['a\u0000b'] },
  rate: 12.5,
  etaSeconds: 7.2,
};

export function newJob(more: Partial<NewJob> = {}): NewJob {
  return { id: uuidv7(), verb: 'contract', arguments: {}, createdBy: 'ada@host', ...more };
}

export function claim(store: JobStore, who = claimant): Promise<Job | undefined> {
  return store.claim({ ...who, verbs: ['contract', 'rebuild'] });
}

export async function settled(store: JobStore, outcome: Parameters<JobStore['settle']>[1]): Promise<Job> {
  const lease: JobLease = await store.create(newJob(), claimant);
  await store.report(lease, report, 60_000);
  await store.settle(lease, outcome);
  return store.job(lease.id);
}

export function requireJob(job: Job | undefined): Job {
  if (job === undefined) throw new Error('there was nothing to claim');
  return job;
}

export function lapse(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}
