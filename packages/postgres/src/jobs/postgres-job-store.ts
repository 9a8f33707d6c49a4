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
  type JobReport,
  type JobRequest,
  type JobStore,
  KirokuError,
  type NewJob,
} from '@kiroku/core';
import type { Pool } from '../pool.ts';
import { rowsOf } from '../rows-of.ts';
import { statement } from '../statement.ts';
import { inTransaction } from '../transaction.ts';
import { type JobRow, outcomeColumns, storableText, toJob } from './job-row.ts';

const pruneEvery = 100;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Jobs in command_db. The pool is the caller's to end. */
export class PostgresJobStore implements JobStore {
  readonly #pool: Pool;
  /** By job: the first report that is not pruned yet, and how many there are since. */
  readonly #unpruned = new Map<string, { readonly from: number; readonly reports: number }>();

  constructor({ pool }: { readonly pool: Pool }) {
    this.#pool = pool;
  }

  async create(job: NewJob, claimant?: JobClaimant): Promise<Job> {
    const { id, verb, createdBy, reason, requires, source } = job;
    const { owner, leaseMs = 0 } = claimant ?? {};
    const values = [id, verb, JSON.stringify(job.arguments), createdBy, reason, owner, leaseMs, requires, source];
    await rowsOf(this.#pool, 'jobs/create_job', values);
    return this.job(id);
  }

  async claim({ verbs, provides = [], id, owner, leaseMs }: JobClaim): Promise<Job | undefined> {
    const [claimed] = await rowsOf<{ id: string }>(this.#pool, 'jobs/claim_job', [verbs, id, owner, leaseMs, provides]);
    // a statement of its own: it sees what the owner before had reported until it lost the job
    return claimed && this.job(claimed.id);
  }

  async report({ id, epoch }: JobLease, report: JobReport, leaseMs: number): Promise<JobRequest | undefined> {
    const { progress, cursor, rate, etaSeconds } = report;
    const values = [id, epoch, leaseMs, progress && JSON.stringify(progress), cursor && JSON.stringify(cursor), rate, etaSeconds];
    const [stored] = await rowsOf<{ requested: JobRequest | null; number: number }>(this.#pool, 'jobs/report_job', values);
    if (stored === undefined) throw lost(id);
    await this.#prune(id, stored.number);
    return stored.requested ?? undefined;
  }

  async requested({ id, epoch }: JobLease): Promise<JobRequest | undefined> {
    const [owned] = await rowsOf<{ requested: JobRequest | null }>(this.#pool, 'jobs/read_request', [id, epoch]);
    if (owned === undefined) throw lost(id);
    return owned.requested ?? undefined;
  }

  async log({ id, epoch }: JobLease, text: string): Promise<void> {
    const added = await rowsOf(this.#pool, 'jobs/add_line', [id, epoch, storableText(text)]);
    if (added.length === 0) throw lost(id);
  }

  async settle({ id, epoch }: JobLease, outcome: JobOutcome): Promise<void> {
    const settled = await rowsOf(this.#pool, 'jobs/settle_job', [id, epoch, ...outcomeColumns(outcome)]);
    this.#unpruned.delete(id);
    if (settled.length === 0) throw lost(id);
  }

  pause(id: string): Promise<Job> {
    return this.#control(id, 'pause');
  }

  resume(id: string): Promise<Job> {
    return this.#control(id, 'resume');
  }

  cancel(id: string): Promise<Job> {
    return this.#control(id, 'cancel');
  }

  async job(id: string): Promise<Job> {
    if (!uuid.test(id)) throw notFound(id);
    const [row] = await rowsOf<JobRow>(this.#pool, 'jobs/read_job', [id]);
    if (row === undefined) throw notFound(id);
    return toJob(row);
  }

  async jobs({ states, verb, before, limit }: JobChoice): Promise<readonly Job[]> {
    const rows = await rowsOf<JobRow>(this.#pool, 'jobs/list_jobs', [states, verb, limit, before?.createdAt, before?.id]);
    return rows.map(toJob);
  }

  lines(id: string, limit: number, before?: number): Promise<readonly JobLine[]> {
    return rowsOf<JobLine>(this.#pool, 'jobs/read_lines', [id, limit, before]);
  }

  async prune({ endedForDays, limit }: { readonly endedForDays: number; readonly limit: number }): Promise<number> {
    return (await rowsOf(this.#pool, 'jobs/prune_jobs', [endedForDays, limit])).length;
  }

  async #control(id: string, control: JobControl): Promise<Job> {
    if (!uuid.test(id)) throw notFound(id);
    await inTransaction(this.#pool, 'begin', async (client) => {
      await client.query({ ...statement('jobs/lock_job'), values: [id] });
      const { rows } = await client.query<JobRow & { owned: boolean }>({ ...statement('jobs/read_job'), values: [id] });
      const [row] = rows;
      if (row === undefined) throw notFound(id);
      const { state, requested } = controlJob(toJob(row), control, row.owned);
      await client.query({ ...statement('jobs/write_control'), values: [id, state, requested] });
    });
    return this.job(id);
  }

  async #prune(id: string, number: number): Promise<void> {
    const { from, reports } = this.#unpruned.get(id) ?? { from: 0, reports: pruneEvery };
    const due = reports >= pruneEvery;
    this.#unpruned.set(id, due ? { from: number, reports: 0 } : { from, reports: reports + 1 });
    // the report is stored: a prune that fails is no reason to say otherwise, the next one does it
    if (due) await rowsOf(this.#pool, 'jobs/prune_reports', [id, from, number]).catch(() => undefined);
  }
}

function lost(id: string): KirokuError {
  return new KirokuError('JobLost', `Job ${id} is no longer this process's to run. \`kiroku job show ${id}\` says who has it.`, {
    details: { id },
  });
}

function notFound(id: string): KirokuError {
  return new KirokuError('NotFound', `There is no job ${id}. \`kiroku job list\` shows what there is.`, { details: { id } });
}
