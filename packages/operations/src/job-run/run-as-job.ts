import { hostname } from 'node:os';
import { isKirokuError, type Job, type JobStore, type JsonObject, type JsonValue, KirokuError } from '@kiroku/core';
import { type JobDefinition, type JobEnd, type JobStatus, type RunJobOptions, runClaimedJob } from '@kiroku/engine';
import type { Installation } from '../config/installation.ts';
import { newJob } from './new-job.ts';
import { openJobs } from './open-jobs.ts';

export interface RunJobHereOptions {
  /** Told three times a second. */
  readonly onProgress?: (status: JobStatus) => void;
  /** Pauses the job. */
  readonly signal?: AbortSignal;
  /** Milliseconds after which another process takes the job over, if this one is killed. Default 10,000. */
  readonly leaseMs?: number;
  /** What code a job needs, or this process has: `order-summary@2`. */
  readonly code?: readonly string[];
}

const defaultLeaseMs = 10_000;

/**
 * Creates a job and runs it in this process; returns its result. When the signal fires, or somebody pauses or cancels it, throws `JobInterrupted`,
 * which says how to go on. A fault of the work fails the job and is rethrown.
 */
export async function runAsJob<Arguments extends JsonObject, Cursor extends JsonObject, Result extends JsonValue>(
  installation: Installation,
  definition: JobDefinition<Arguments, Cursor, Result>,
  args: Arguments,
  options: RunJobHereOptions = {},
): Promise<Result> {
  await using store = await openJobs(installation);
  const wanted = { verb: definition.verb, arguments: args, ...(options.code && { requires: options.code }) };
  const claimant = { owner: thisProcess(), leaseMs: options.leaseMs ?? defaultLeaseMs };
  const job = await store.create(newJob(installation.operator, wanted), claimant);
  return (await runHere(store, job, definition, options)) as Result; // a finished job has the result of its definition
}

/** Takes a queued job and runs it in this process; `undefined` if another process has it. Throws like `runAsJob`. */
export async function runQueuedJob(
  installation: Installation,
  id: string,
  { definitions, ...options }: RunJobHereOptions & { readonly definitions: readonly JobDefinition[] },
): Promise<{ readonly result: JsonValue } | undefined> {
  await using store = await openJobs(installation);
  const claimant = { owner: thisProcess(), leaseMs: options.leaseMs ?? defaultLeaseMs };
  const { code: provides = [] } = options;
  const job = await store.claim({ ...claimant, verbs: definitions.map(({ verb }) => verb), provides, id });
  const definition = definitions.find(({ verb }) => verb === job?.verb);
  if (job === undefined || definition === undefined) return undefined;
  return { result: await runHere(store, job, definition, options) };
}

async function runHere(store: JobStore, job: Job, definition: JobDefinition, options: RunJobHereOptions): Promise<JsonValue> {
  const { onProgress, signal, leaseMs = defaultLeaseMs } = options;
  const end = await runToEnd(job, definition, {
    store,
    leaseMs,
    whenStopped: 'paused',
    ...(onProgress && { onStatus: onProgress }),
    ...(signal && { signal }),
  });
  if (end.state === 'done') return end.result;
  throw end.error;
}

/** Where its end cannot be recorded, the job is still to be done: whoever waits for it is told which it is. */
async function runToEnd(job: Job, definition: JobDefinition, options: RunJobOptions): Promise<JobEnd> {
  try {
    return await runClaimedJob(job, definition, options);
  } catch (error) {
    if (!isKirokuError(error)) throw error;
    throw new KirokuError(
      error.code,
      `${error.message} What became of job ${job.id} could not be recorded: once the database is back a service goes on with it, or \`kiroku job resume ${job.id}\` does. \`kiroku job show ${job.id}\` says how it is.`,
      { cause: error, details: { ...error.details, id: job.id } },
    );
  }
}

function thisProcess(): string {
  return `cli ${hostname()}:${process.pid}`;
}
