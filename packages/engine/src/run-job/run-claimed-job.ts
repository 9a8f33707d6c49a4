import { isKirokuError, type Job, type JobOutcome, type JobStore, type JsonValue, KirokuError } from '@kiroku/core';
import { type Backoff, backoffMs } from '../backoff/backoff.ts';
import { pause } from '../backoff/pause.ts';
import type { JobDefinition, JobStatus } from './job-definition.ts';
import { gravity, type Interruption, interrupted, outcomeOf } from './job-interrupted.ts';
import { JobReporting } from './job-reporting.ts';

export interface RunJobOptions {
  readonly store: JobStore;
  /** Milliseconds after which another process takes the job over, if this one is killed. Default 10,000. */
  readonly leaseMs?: number;
  /** Milliseconds between two looks at what was asked of the job. Default 300. */
  readonly tickMs?: number;
  /** Stops the run. */
  readonly signal?: AbortSignal;
  /** What becomes of the job when the signal fires: free for another process (the default), or paused. */
  readonly whenStopped?: 'queued' | 'paused';
  /** Told three times a second. */
  readonly onStatus?: (status: JobStatus) => void;
  /** Waits before work that failed with a retryable fault goes on. Default: up to 500 ms at first, up to 10 s later. */
  readonly retry?: Backoff;
}

export const defaultLeaseMs = 10_000;
const defaultRetry: Backoff = { baseMs: 500, capMs: 10_000 };
const attemptsWithoutProgress = 6;

/** How a run ended; `result` if its work is done. `error` is what whoever waits for it is told. */
export type JobEnd =
  | { readonly state: 'done'; readonly result: JsonValue }
  | { readonly state: 'failed' | 'interrupted'; readonly error: unknown };

/** Runs a job that this process has taken, to its end or its interruption, and records what became of it. Throws only if that cannot be stored. */
export async function runClaimedJob(job: Job, definition: JobDefinition, options: RunJobOptions): Promise<JobEnd> {
  const { store, leaseMs = defaultLeaseMs, tickMs = 300, onStatus, signal, whenStopped = 'queued' } = options;
  const interruption = new AbortController();
  let why: Interruption | undefined;
  const interrupt = (reason: Interruption) => {
    if (why !== undefined && gravity[reason] <= gravity[why]) return;
    why = reason;
    interruption.abort(interrupted(job, reason));
  };
  const reporting = new JobReporting({
    store,
    job,
    leaseMs,
    tickMs,
    ...(onStatus && { onStatus }),
    onRequest: interrupt,
    onLost: () => interrupt('lost'),
  });
  const onStop = () => interrupt('stop');
  signal?.addEventListener('abort', onStop);
  if (signal?.aborted === true) onStop();
  reporting.log(begins(job));
  reporting.start();
  try {
    const end = await work(job, definition, { reporting, signal: interruption.signal, retry: options.retry ?? defaultRetry });
    if (why === 'lost') return { state: 'interrupted', error: interrupted(job, why) };
    const outcome = end.state === 'interrupted' ? outcomeOf(why ?? 'stop', whenStopped) : recorded(end, definition);
    reporting.log(endsAs(outcome));
    await reporting.end();
    await settle(store, job, outcome, leaseMs);
    onStatus?.(reporting.status());
    return end.state === 'interrupted' ? { ...end, error: interrupted(job, why ?? 'stop') } : end;
  } catch (error) {
    if (!isKirokuError(error, 'JobLost')) throw error;
    return { state: 'interrupted', error };
  } finally {
    signal?.removeEventListener('abort', onStop);
    await reporting.end();
  }
}

interface Work {
  readonly reporting: JobReporting;
  readonly signal: AbortSignal;
  readonly retry: Backoff;
}

/** The work itself. What a retry may mend is tried again from the cursor, as long as an attempt now and then gets further than any before it. */
async function work(job: Job, definition: JobDefinition, { reporting, signal, retry }: Work): Promise<JobEnd> {
  if ((job.abandoned ?? 0) >= attemptsWithoutProgress) return { state: 'failed', error: abandoned(job) };
  for (let attempt = 1; ; attempt++) {
    const { cursor, furthest } = reporting;
    try {
      signal.throwIfAborted();
      const result = await definition.run({
        id: job.id,
        epoch: job.epoch,
        arguments: job.arguments,
        cursor,
        signal,
        report: (progress, next) => reporting.report(progress, next),
        saved: () => reporting.saved(),
        log: (text) => reporting.log(text),
      });
      return { state: 'done', result };
    } catch (error) {
      if (signal.aborted) return { state: 'interrupted', error: signal.reason };
      if (reporting.furthest > furthest) attempt = 1;
      if (!isKirokuError(error) || !error.retryable || attempt >= attemptsWithoutProgress) return { state: 'failed', error };
      reporting.log(`${describe(error)} It is tried again.`);
      await pause(backoffMs(attempt, retry), signal);
    }
  }
}

function abandoned({ id, abandoned: times, progress }: Job): KirokuError {
  const where = progress === undefined ? '' : ` at ${progress.done} ${progress.unit}`;
  return new KirokuError(
    'JobAbandoned',
    `The processes that ran job ${id} went without a word ${times} times in a row${where}, killed or out of memory. See why; then \`kiroku job resume ${id}\` goes on.`,
    { details: { id } },
  );
}

// the database may be away for a moment just now; after the lease the job is another's anyway
async function settle(store: JobStore, job: Job, outcome: JobOutcome, leaseMs: number): Promise<void> {
  const end = performance.now() + leaseMs;
  for (let attempt = 1; ; attempt++) {
    try {
      return await store.settle(job, outcome);
    } catch (error) {
      if (attempt > 1 && isKirokuError(error, 'JobLost') && (await isSettled(store, job, outcome))) return;
      if (!isKirokuError(error) || !error.retryable || performance.now() >= end) throw error;
      await pause(backoffMs(attempt, { baseMs: 100, capMs: 1_000 }));
    }
  }
}

/** An earlier try had settled it, and only the answer was lost. What was given back may have been paused or cancelled by that. */
async function isSettled(store: JobStore, { id, epoch }: Job, outcome: JobOutcome): Promise<boolean> {
  const now = await store.job(id);
  if (now.epoch !== epoch) return false;
  const hasEnded = outcome.state === 'done' || outcome.state === 'failed';
  return hasEnded ? now.state === outcome.state : now.state !== 'running';
}

function recorded(end: Exclude<JobEnd, { state: 'interrupted' }>, definition: JobDefinition): JobOutcome {
  if (end.state !== 'done') return { state: 'failed', error: describe(end.error) };
  const summary = definition.summary?.(end.result);
  return { ...end, ...(summary !== undefined && { summary }) };
}

function begins({ epoch, owner, progress }: Job): string {
  const from = progress === undefined ? '' : ` from ${progress.done} ${progress.unit}`;
  return epoch === 1 ? `started by ${owner}` : `taken up${from} by ${owner}`;
}

function endsAs(outcome: JobOutcome): string {
  return outcome.state === 'failed' ? `failed: ${outcome.error}` : outcome.state;
}

function describe(error: unknown): string {
  if (isKirokuError(error)) return `${error.code}: ${error.message}`;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
