import type { Job, JobStore } from '@kiroku/core';
import { pause } from '../backoff/pause.ts';
import type { JobDefinition } from './job-definition.ts';
import { defaultLeaseMs, type RunJobOptions, runClaimedJob } from './run-claimed-job.ts';

export interface JobRunnerOptions extends Pick<RunJobOptions, 'leaseMs' | 'tickMs' | 'retry'> {
  readonly store: JobStore;
  /** What this process knows how to do; it takes no other jobs. */
  readonly definitions: readonly JobDefinition[];
  /** What code it has, as jobs require it: `order-summary@2`. Default: none in particular. */
  readonly provides?: readonly string[];
  /** Names this process, for people. */
  readonly owner: string;
  /** Jobs at the same time. Default 1. */
  readonly concurrency?: number;
  /** Milliseconds between looks for jobs. Default 1,000. */
  readonly pollMs?: number;
  /** Told of every fault of a job, or of the store (then without a job). */
  readonly onFault?: (error: unknown, job?: Job) => void;
}

/** Takes jobs that are queued, or that their owner has left, and runs them. Several may run side by side. */
export class JobRunner implements AsyncDisposable {
  readonly #options: JobRunnerOptions;
  readonly #definitions: ReadonlyMap<string, JobDefinition>;
  readonly #running = new Set<Promise<void>>();
  #stopping = new AbortController();
  #looking: Promise<void> | undefined;

  constructor(options: JobRunnerOptions) {
    this.#options = options;
    this.#definitions = new Map(options.definitions.map((definition) => [definition.verb, definition]));
  }

  start(): void {
    if (this.#looking !== undefined) return;
    this.#stopping = new AbortController();
    this.#looking = this.#look(this.#stopping.signal);
  }

  /** Takes no more jobs, and gives those it runs back with where they are. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#looking;
    await Promise.all(this.#running);
    this.#looking = undefined;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { pollMs = 1_000, concurrency = 1 } = this.#options;
    while (!signal.aborted) {
      const job = this.#running.size < concurrency ? await this.#claim() : undefined;
      if (job === undefined) await pause(pollMs, signal);
      else this.#begin(job, signal);
    }
  }

  async #claim(): Promise<Job | undefined> {
    const { store, owner, leaseMs = defaultLeaseMs, provides = [], onFault } = this.#options;
    try {
      return await store.claim({ verbs: [...this.#definitions.keys()], provides, owner, leaseMs });
    } catch (error) {
      onFault?.(error);
      return undefined;
    }
  }

  #begin(job: Job, signal: AbortSignal): void {
    const running = this.#run(job, signal).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Never throws: what cannot be recorded is taken up again when the lease is over. */
  async #run(job: Job, signal: AbortSignal): Promise<void> {
    const { store, leaseMs, tickMs, retry, onFault } = this.#options;
    const definition = this.#definitions.get(job.verb);
    if (definition === undefined) return; // only known verbs are claimed
    try {
      const end = await runClaimedJob(job, definition, {
        store,
        signal,
        ...(leaseMs !== undefined && { leaseMs }),
        ...(tickMs !== undefined && { tickMs }),
        ...(retry !== undefined && { retry }),
      });
      if (end.state === 'failed') onFault?.(end.error, job);
    } catch (error) {
      onFault?.(error, job);
    }
  }
}
