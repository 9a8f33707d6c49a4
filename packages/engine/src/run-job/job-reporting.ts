import { isKirokuError, type Job, type JobProgress, type JobReport, type JobRequest, type JobStore, type JsonObject } from '@kiroku/core';
import { pause } from '../backoff/pause.ts';
import type { JobStatus } from './job-definition.ts';
import { addSample, paceOf, type Sample } from './pace.ts';

export interface JobReportingOptions {
  readonly store: JobStore;
  readonly job: Job;
  readonly leaseMs: number;
  /** Milliseconds between two looks at what was asked of the job; a report is stored as often at most. */
  readonly tickMs: number;
  readonly onStatus?: (status: JobStatus) => void;
  readonly onRequest: (request: JobRequest) => void;
  /** The lease is another's, or could not be prolonged in time. */
  readonly onLost: () => void;
}

/** Keeps a running job's lease: stores what it reports, hears what is asked of it, and notices when it is lost. */
export class JobReporting {
  readonly #options: JobReportingOptions;
  readonly #ended = new AbortController();
  /** Statements about one job go one after another, so that the latest report is the one that stays. */
  #turn: Promise<unknown> = Promise.resolve();
  #report: JobReport;
  #samples: readonly Sample[] = [];
  #furthest = Number.NEGATIVE_INFINITY;
  #unsaved = false;
  #leaseTimer: NodeJS.Timeout | undefined;
  #reportedAt = Number.NEGATIVE_INFINITY;
  #lost = false;
  #ticking: Promise<void> | undefined;

  constructor(options: JobReportingOptions) {
    this.#options = options;
    const { progress, cursor } = options.job;
    this.#report = { ...(progress && { progress }), ...(cursor && { cursor }) };
    this.#awaitLapse(performance.now());
  }

  get cursor(): JsonObject | undefined {
    return this.#report.cursor;
  }

  /** The most that was ever done in this run, over all its attempts. */
  get furthest(): number {
    return this.#furthest;
  }

  start(): void {
    this.#ticking = this.#tickUntilEnded();
  }

  /** Remembers a report; the next tick stores it. */
  report(progress: JobProgress, cursor: JsonObject): void {
    this.#report = { ...this.#report, progress, cursor };
    this.#furthest = Math.max(this.#furthest, progress.done);
    this.#unsaved = true;
  }

  /** Stores what was reported, if it is not yet. */
  saved(): Promise<void> {
    return this.#inTurn(() => this.#store());
  }

  /** Adds a line to the job's log; one that cannot be stored is no reason to stop the work. */
  log(text: string): void {
    const { store, job } = this.#options;
    void this.#inTurn(() => store.log(job, text)).catch(() => undefined);
  }

  /** Ends the reporting, with the last report and every line stored, unless the job is lost. */
  async end(): Promise<void> {
    this.#ended.abort();
    if (!this.#lost) {
      await this.#ticking;
      await this.saved().catch(() => undefined); // the outcome, stored next, meets the same fault
    }
    clearTimeout(this.#leaseTimer);
  }

  async #tickUntilEnded(): Promise<void> {
    while (!this.#ended.signal.aborted && !this.#lost) {
      await this.#inTurn(() => this.#tick()).catch(() => undefined); // an unreachable store is asked again until the lease is over
      await pause(this.#options.tickMs, this.#ended.signal);
    }
  }

  async #tick(): Promise<void> {
    const { store, job, leaseMs, onStatus } = this.#options;
    this.#measure();
    onStatus?.(this.status());
    const leaseDue = performance.now() - this.#reportedAt > leaseMs / 3;
    if (this.#unsaved || leaseDue) await this.#store(true);
    else this.#hear(await store.requested(job));
  }

  status(): JobStatus {
    const { id, verb } = this.#options.job;
    const { progress, rate, etaSeconds } = this.#report;
    return {
      id,
      verb,
      ...(progress && { progress }),
      ...(rate !== undefined && { rate }),
      ...(etaSeconds !== undefined && { etaSeconds }),
    };
  }

  async #store(always = false): Promise<void> {
    if (!always && !this.#unsaved) return;
    const { store, job, leaseMs } = this.#options;
    const report = this.#report;
    const sentAt = performance.now();
    const requested = await store.report(job, report, leaseMs);
    if (this.#report === report) this.#unsaved = false;
    this.#reportedAt = sentAt;
    this.#awaitLapse(sentAt);
    this.#hear(requested);
  }

  #measure(): void {
    const { progress, cursor } = this.#report;
    if (progress === undefined) return;
    this.#samples = addSample(this.#samples, { at: performance.now(), done: progress.done });
    this.#report = { progress, ...(cursor && { cursor }), ...paceOf(this.#samples, progress) };
  }

  #hear(requested: JobRequest | undefined): void {
    if (requested !== undefined) this.#options.onRequest(requested);
  }

  // a timer of its own: a statement that never returns must not keep the work going
  #awaitLapse(from: number): void {
    clearTimeout(this.#leaseTimer);
    this.#leaseTimer = setTimeout(() => this.#lose(), Math.max(0, from + this.#options.leaseMs - performance.now()));
  }

  #lose(): void {
    if (this.#lost) return;
    this.#lost = true;
    clearTimeout(this.#leaseTimer);
    this.#options.onLost();
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work).catch((error: unknown) => {
      if (isKirokuError(error, 'JobLost')) this.#lose();
      throw error;
    });
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}
