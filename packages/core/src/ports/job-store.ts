import type { JsonObject, JsonValue } from '../json.ts';

/** `queued`: any process that knows the verb may take it. `failed` may be resumed, `done` and `cancelled` are the end. */
export type JobState = 'queued' | 'running' | 'paused' | 'done' | 'failed' | 'cancelled';

/** What somebody wants of the process that runs a job. */
export type JobRequest = 'pause' | 'cancel';

/** How far a job is. */
export interface JobProgress {
  readonly done: number;
  /** How many there are in all, if that is known. */
  readonly total?: number;
  /** What is counted, in the plural: `events`. */
  readonly unit: string;
}

export interface NewJob {
  /** UUIDv7. */
  readonly id: string;
  /** As on the command line: `events verify`. */
  readonly verb: string;
  readonly arguments: JsonObject;
  readonly createdBy: string;
  readonly reason?: string;
  /** Where it comes from, for the audit log: `command line`. */
  readonly source?: string;
  /** What code it needs, e.g. `order-summary@2`: only a process that has all of it takes the job. Default: none in particular. */
  readonly requires?: readonly string[];
}

/** What the process that runs a job says from time to time; it prolongs the lease too. */
export interface JobReport {
  readonly progress?: JobProgress;
  /** Where to go on from. */
  readonly cursor?: JsonObject;
  /** Units a second. */
  readonly rate?: number;
  /** Seconds until it is done at this rate. */
  readonly etaSeconds?: number;
}

export interface Job extends Omit<NewJob, 'source'>, JobReport {
  readonly state: JobState;
  /** What was asked of the process that runs it, and has not happened yet. */
  readonly requested?: JobRequest;
  /** The process that runs it, or ran it last. */
  readonly owner?: string;
  /** How often it has been taken. A later owner outdates an earlier one. */
  readonly epoch: number;
  /** How often in a row its owner has gone without a word, and without having got further than those before. Missing: never. */
  readonly abandoned?: number;
  /** ISO 8601. A running job is another's to take after this. */
  readonly leasedUntil?: string;
  /** Why it failed. */
  readonly error?: string;
  /** What it came to. */
  readonly result?: JsonValue;
  /** ISO 8601, like the other times. */
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
}

/** The right to run a job, until a later epoch takes it. */
export interface JobLease {
  readonly id: string;
  readonly epoch: number;
}

/** Who takes a job, and for how long after each report. */
export interface JobClaimant {
  /** Names the process, for people: `cli@host (4711)`. */
  readonly owner: string;
  readonly leaseMs: number;
}

/** Which jobs a process could take. */
export interface JobClaim extends JobClaimant {
  readonly verbs: readonly string[];
  /** What code the process has, as jobs require it. */
  readonly provides?: readonly string[];
  readonly id?: string;
}

/** How a run of a job ended. */
export type JobOutcome =
  | {
      readonly state: 'done';
      readonly result: JsonValue;
      /** What the audit log keeps of it, for ever. Default: nothing. */
      readonly summary?: JsonValue;
    }
  | { readonly state: 'failed'; readonly error: string }
  | { readonly state: 'queued' | 'paused' | 'cancelled' };

/** A line of a job's log, for people. */
export interface JobLine {
  /** Rises in a log; not by one. */
  readonly number: number;
  /** ISO 8601. */
  readonly at: string;
  readonly text: string;
}

/** Which jobs are listed. */
export interface JobChoice {
  readonly states?: readonly JobState[];
  readonly verb?: string;
  /** Only those before this one, which need not be there any more. */
  readonly before?: JobPlace;
  readonly limit: number;
}

/** Where a list of jobs goes on. */
export type JobPlace = Pick<Job, 'createdAt' | 'id'>;

/** Where jobs are kept. The clock is the store's. A job is an action of the operator audit log, of the same id, and the first end of the one is the other's. */
export interface JobStore {
  /** Adds a job: queued, or already taken by `claimant`, so that nobody else can be faster. */
  create(job: NewJob, claimant?: JobClaimant): Promise<Job>;
  /**
   * Takes the oldest job of these verbs that is queued, or whose owner has not reported within its lease, and that requires nothing but what
   * is provided (default: nothing); `id`: this one or none.
   */
  claim(options: JobClaim): Promise<Job | undefined>;
  /** Stores a report and prolongs the lease. Returns what was asked for. Throws `JobLost` if the lease is outdated. */
  report(lease: JobLease, report: JobReport, leaseMs: number): Promise<JobRequest | undefined>;
  /** What was asked for. Throws `JobLost` if the lease is outdated. */
  requested(lease: JobLease): Promise<JobRequest | undefined>;
  /** Adds a line to the job's log. Throws `JobLost` if the lease is outdated. */
  log(lease: JobLease, text: string): Promise<void>;
  /** Ends a run. Throws `JobLost` if the lease is outdated. */
  settle(lease: JobLease, outcome: JobOutcome): Promise<void>;
  /** Pauses a job that nobody runs at once; asks the process that runs it to. Throws `NotFound`, or `JobEnded`. */
  pause(id: string): Promise<Job>;
  /** Queues a paused or failed job, or takes back a request. Throws `NotFound`, or `JobEnded`. */
  resume(id: string): Promise<Job>;
  /** Cancels a job that nobody runs at once; asks the process that runs it to. Throws `NotFound`, or `JobEnded`. */
  cancel(id: string): Promise<Job>;
  /** Throws `NotFound`. */
  job(id: string): Promise<Job>;
  /** Latest first. */
  jobs(options: JobChoice): Promise<readonly Job[]>;
  /** Removes jobs that ended so long ago, with their logs, `limit` at most; returns how many. */
  prune(options: { readonly endedForDays: number; readonly limit: number }): Promise<number>;
  /** The last lines of a job's log, or the last before the one of a number; oldest first. */
  lines(id: string, limit: number, before?: number): Promise<readonly JobLine[]>;
}
