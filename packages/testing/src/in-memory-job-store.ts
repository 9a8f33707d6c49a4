import {
  controlJob,
  type Job,
  type JobClaim,
  type JobClaimant,
  type JobControl,
  type JobLease,
  type JobLine,
  type JobOutcome,
  type JobReport,
  type JobRequest,
  type JobState,
  type JobStore,
  KirokuError,
  type NewJob,
} from '@kiroku/core';

interface Kept {
  job: Job;
  readonly lines: JobLine[];
}

/** A job store in memory: everything the port promises but durability. For tests. */
export class InMemoryJobStore implements JobStore {
  readonly #kept = new Map<string, Kept>();

  async create(job: NewJob, claimant?: JobClaimant): Promise<Job> {
    const queued: Job = { ...structuredClone(job), state: 'queued', epoch: 0, createdAt: now() };
    const kept: Kept = { job: claimant === undefined ? queued : taken(queued, claimant), lines: [] };
    this.#kept.set(job.id, kept);
    return kept.job;
  }

  async claim(options: JobClaim): Promise<Job | undefined> {
    const { verbs, provides = [], id } = options;
    const free = [...this.#kept.values()].find(
      ({ job }) =>
        verbs.includes(job.verb) &&
        (job.requires ?? []).every((code) => provides.includes(code)) &&
        (id === undefined || job.id === id) &&
        (job.state === 'queued' || (job.state === 'running' && !owned(job))),
    );
    if (free === undefined) return undefined;
    free.job = taken(free.job, options);
    return free.job;
  }

  async report(lease: JobLease, report: JobReport, leaseMs: number): Promise<JobRequest | undefined> {
    const kept = this.#leased(lease);
    const { progress: _progress, cursor: _cursor, rate: _rate, etaSeconds: _eta, ...job } = kept.job;
    kept.job = { ...job, ...structuredClone(report), leasedUntil: later(job.leasedUntil, now(leaseMs)) };
    return kept.job.requested;
  }

  async requested(lease: JobLease): Promise<JobRequest | undefined> {
    return this.#leased(lease).job.requested;
  }

  async log(lease: JobLease, text: string): Promise<void> {
    this.#leased(lease).lines.push({ at: now(), text });
  }

  async settle(lease: JobLease, outcome: JobOutcome): Promise<void> {
    const kept = this.#leased(lease);
    const state = settledState(outcome.state, kept.job.requested);
    const ends = state === 'done' || state === 'failed' || state === 'cancelled';
    kept.job = { ...atRest(kept.job), ...outcome, state, ...(ends && { endedAt: now() }) };
  }

  async pause(id: string): Promise<Job> {
    return this.#control(id, 'pause');
  }

  async resume(id: string): Promise<Job> {
    return this.#control(id, 'resume');
  }

  async cancel(id: string): Promise<Job> {
    return this.#control(id, 'cancel');
  }

  async job(id: string): Promise<Job> {
    return this.#found(id).job;
  }

  async jobs(options: { readonly states?: readonly JobState[]; readonly verb?: string; readonly limit: number }): Promise<readonly Job[]> {
    const { states, verb, limit } = options;
    const all = [...this.#kept.values()].map(({ job }) => job);
    const wanted = all.filter((job) => (states === undefined || states.includes(job.state)) && (verb === undefined || job.verb === verb));
    return wanted.reverse().slice(0, limit);
  }

  async lines(id: string, limit: number): Promise<readonly JobLine[]> {
    return this.#found(id).lines.slice(-limit);
  }

  #control(id: string, control: JobControl): Job {
    const kept = this.#found(id);
    const { state, requested } = controlJob(kept.job, control, owned(kept.job));
    const before = state === 'running' ? withoutRequest(kept.job) : atRest(kept.job);
    kept.job = { ...before, state, ...(requested && { requested }), ...(state === 'cancelled' && { endedAt: now() }) };
    return kept.job;
  }

  #leased({ id, epoch }: JobLease): Kept {
    const kept = this.#found(id);
    if (kept.job.state === 'running' && kept.job.epoch === epoch) return kept;
    throw new KirokuError('JobLost', `Job ${id} is no longer yours.`);
  }

  #found(id: string): Kept {
    const kept = this.#kept.get(id);
    if (kept === undefined) throw new KirokuError('NotFound', `There is no job ${id}.`);
    return kept;
  }
}

function taken(job: Job, { owner, leaseMs }: JobClaimant): Job {
  return { ...job, state: 'running', owner, epoch: job.epoch + 1, leasedUntil: now(leaseMs), startedAt: job.startedAt ?? now() };
}

function owned({ state, leasedUntil }: Job): boolean {
  return state === 'running' && leasedUntil !== undefined && Date.parse(leasedUntil) >= Date.now();
}

// what was asked at the last moment, too late to be heard, still counts
function settledState(state: JobState, requested: JobRequest | undefined): JobState {
  if (state !== 'queued' && state !== 'paused') return state;
  if (requested === 'cancel') return 'cancelled';
  return requested === 'pause' ? 'paused' : state;
}

function withoutRequest({ requested: _requested, ...job }: Job): Job {
  return job;
}

/** Without what only a running, a failed or an ended job has. */
function atRest(job: Job): Job {
  const { leasedUntil: _leasedUntil, rate: _rate, etaSeconds: _eta, error: _error, endedAt: _endedAt, ...rest } = withoutRequest(job);
  return rest;
}

function later(a: string | undefined, b: string): string {
  return a !== undefined && a > b ? a : b;
}

function now(plusMs = 0): string {
  return new Date(Date.now() + plusMs).toISOString();
}
