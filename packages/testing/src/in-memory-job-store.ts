import {
  controlJob,
  type Job,
  type JobChoice,
  type JobClaim,
  type JobClaimant,
  type JobControl,
  type JobLease,
  type JobLine,
  type JobOutcome,
  type JobPlace,
  type JobReport,
  type JobRequest,
  type JobState,
  type JobStore,
  type JsonValue,
  KirokuError,
  type NewJob,
  type RecordedAction,
} from '@kiroku/core';
import type { InMemoryOperatorAudit } from './in-memory-operator-audit.ts';

interface Kept {
  job: Job;
  /** The most that it had done when an owner went without a word. */
  furthest?: number;
  readonly lines: JobLine[];
}

/** A job store in memory: everything the port promises but durability. For tests. */
export class InMemoryJobStore implements JobStore {
  readonly #kept = new Map<string, Kept>();
  readonly #audit: InMemoryOperatorAudit | undefined;

  /** `audit`: where jobs are actions. */
  constructor({ audit }: { readonly audit?: InMemoryOperatorAudit } = {}) {
    this.#audit = audit;
  }

  async create({ source, ...job }: NewJob, claimant?: JobClaimant): Promise<Job> {
    const { id, verb, createdBy, reason } = job;
    const action = { id, operator: createdBy, verb, arguments: job.arguments, correlationId: id };
    const known = await this.#action(id); // of a job that was removed
    if (!known) await this.#audit?.begin({ ...action, ...(source !== undefined && { source }), ...(reason !== undefined && { reason }) });
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
    const { job } = free;
    const done = job.progress?.done ?? Number.NEGATIVE_INFINITY;
    const { furthest = -1 } = free;
    const wasQueued = job.state === 'queued';
    const { abandoned = 0, ...rest } = job;
    const times = wasQueued ? 0 : done > furthest ? 1 : abandoned + 1;
    free.furthest = wasQueued ? -1 : Math.max(furthest, done);
    free.job = taken({ ...rest, ...(times > 0 && { abandoned: times }) }, options);
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
    const { lines } = this.#leased(lease);
    lines.push({ number: lines.length + 1, at: now(), text });
  }

  async settle(lease: JobLease, outcome: JobOutcome): Promise<void> {
    const kept = this.#leased(lease);
    const state = settledState(outcome.state, kept.job.requested);
    const ends = state === 'done' || state === 'failed' || state === 'cancelled';
    const { summary, ...told } = { summary: undefined, ...outcome };
    kept.job = { ...atRest(kept.job), ...told, state, ...(ends && { endedAt: now() }) };
    if (ends) await this.#tell(kept.job, summary);
  }

  async prune({ endedForDays, limit }: { readonly endedForDays: number; readonly limit: number }): Promise<number> {
    const before = now(-endedForDays * 86_400_000);
    const old = [...this.#kept.values()].filter(({ job: { endedAt } }) => endedAt !== undefined && endedAt < before).slice(0, limit);
    for (const { job } of old) this.#kept.delete(job.id);
    return old.length;
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

  async jobs({ states, verb, before, limit }: JobChoice): Promise<readonly Job[]> {
    const all = [...this.#kept.values()].map(({ job }) => job).filter((job) => before === undefined || comesBefore(job, before));
    const wanted = all.filter((job) => (states === undefined || states.includes(job.state)) && (verb === undefined || job.verb === verb));
    return wanted.reverse().slice(0, limit);
  }

  async lines(id: string, limit: number, before = Number.POSITIVE_INFINITY): Promise<readonly JobLine[]> {
    const listed = this.#found(id).lines.filter(({ number }) => number < before);
    return listed.slice(Math.max(0, listed.length - limit));
  }

  async #control(id: string, control: JobControl): Promise<Job> {
    const kept = this.#found(id);
    const { state, requested } = controlJob(kept.job, control, owned(kept.job));
    const before = state === 'running' ? withoutRequest(kept.job) : atRest(kept.job);
    kept.job = { ...before, state, ...(requested && { requested }), ...(state === 'cancelled' && { endedAt: now() }) };
    if (state === 'cancelled') await this.#tell(kept.job);
    return kept.job;
  }

  async #tell({ id, state, error = 'It was cancelled.' }: Job, after?: JsonValue): Promise<void> {
    const action = await this.#action(id);
    if (action === undefined || action.outcome !== undefined) return;
    await this.#audit?.end(id, state === 'done' ? { succeeded: true, ...(after !== undefined && { after }) } : { succeeded: false, error });
  }

  async #action(id: string): Promise<RecordedAction | undefined> {
    return (await this.#audit?.actions({ limit: Number.POSITIVE_INFINITY }))?.find((each) => each.id === id);
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

function comesBefore(job: JobPlace, other: JobPlace): boolean {
  return job.createdAt < other.createdAt || (job.createdAt === other.createdAt && job.id < other.id);
}
