import {
  type EventStore,
  isKirokuError,
  type LogIdentity,
  type ParkedEvent,
  type PartitionLease,
  type Projection,
  type ReadModelStore,
} from '@kiroku/core';
import type { Backoff } from '../backoff/backoff.ts';
import { pause } from '../backoff/pause.ts';
import { mayPass } from '../follow-log/may-pass.ts';
import { SharedLog } from '../follow-log/shared-log.ts';
import { batchFold, type FoldBatch } from './fold-batch.ts';
import { PartitionFollower, type PartitionStatus } from './partition-follower.ts';

export interface ProjectionWorkerOptions {
  readonly eventStore: EventStore;
  readonly readModels: ReadModelStore;
  readonly projections: readonly Projection[];
  /** Names the process; unique among those that run projections of the same database. */
  readonly instance: string;
  /** Milliseconds after which others may take over what a silent process held. Default 10,000. */
  readonly leaseMs?: number;
  /** Events of the log looked at for one batch at its end; five times as many for who is behind. Default 1,000. */
  readonly pageSize?: number;
  /** Waits between tries while something fails. Default: up to 100 ms at first, up to 10 s later. */
  readonly retry?: Backoff;
  /** Told of every change of state of a partition, e.g. to log it. */
  readonly onStatus?: (status: PartitionStatus) => void;
  /** Told of every event that parks its key, once that is written, e.g. to log it; not of those that wait behind it. */
  readonly onParked?: (projection: string, parked: ParkedEvent) => void;
  /** Registers a projection before it is followed. Default: `readModels.prepare`, which follows the log from its beginning if need be. */
  readonly prepare?: (projection: Projection, log: LogIdentity) => Promise<void>;
}

export interface WorkerStatus {
  readonly instance: string;
  readonly state: 'running' | 'stopped';
  /** What this process follows. */
  readonly partitions: readonly PartitionStatus[];
  /** What it cannot run because its rows are of another log, by the projection's name. */
  readonly mismatched: ReadonlyMap<string, Error>;
  /** Why it cannot ask for work now, or cannot prepare a projection. */
  readonly error?: Error;
}

/**
 * Runs this process's share of the projections: asks for leases, follows the log for each, and gives them up when it stops. All of them share
 * one reading of the log.
 */
export class ProjectionWorker implements AsyncDisposable {
  readonly #options: ProjectionWorkerOptions;
  readonly #retry: Backoff;
  readonly #leaseMs: number;
  readonly #log: SharedLog;
  readonly #folds: ReadonlyMap<Projection, FoldBatch>;
  readonly #prepared = new Set<Projection>();
  readonly #mismatched = new Map<string, Error>();
  readonly #followers = new Map<string, PartitionFollower>();
  readonly #leaving = new Set<Promise<void>>();
  #error: Error | undefined;
  #stopping = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: ProjectionWorkerOptions) {
    const { eventStore, projections, leaseMs = 10_000, pageSize = 1_000, retry = { baseMs: 100, capMs: 10_000 } } = options;
    this.#options = options;
    this.#retry = retry;
    this.#leaseMs = leaseMs;
    const eventTypes = [...new Set(projections.flatMap((projection) => projection.eventTypes))];
    this.#log = new SharedLog({ eventStore, eventTypes, pageSize, retry });
    this.#folds = new Map(projections.map((projection) => [projection, batchFold(projection)]));
  }

  /** Throws faults that no retry mends, e.g. `DefinitionInvalid`; an unreachable database, or rows of another log, are waited for. */
  async start(): Promise<void> {
    if (this.#running !== undefined) return;
    this.#stopping = new AbortController();
    const { signal } = this.#stopping;
    const begun = this.#begin();
    this.#running = begun.then(
      () => this.#run(signal),
      () => undefined, // told by who starts it
    );
    await begun.catch((error: unknown) => {
      this.#running = undefined;
      throw error;
    });
  }

  /** Stops after the batches in hand, and hands over. */
  async stop(): Promise<void> {
    if (this.#running === undefined) return;
    this.#stopping.abort();
    await this.#running;
    await Promise.all([...this.#leaving, ...[...this.#followers.values()].map((follower) => follower.stop())]);
    await this.#log.stop();
    this.#followers.clear();
    this.#running = undefined;
    await this.#options.readModels.leave(this.#options.instance).catch(() => undefined); // the leases expire by themselves
  }

  status(): WorkerStatus {
    return {
      instance: this.#options.instance,
      state: this.#running === undefined ? 'stopped' : 'running',
      partitions: [...this.#followers.values()].map(({ status }) => status),
      mismatched: new Map(this.#mismatched),
      ...(this.#error && { error: this.#error }),
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #begin(): Promise<void> {
    this.#log.start();
    try {
      const unprepared = await this.#prepare().then(
        () => undefined,
        (error: unknown) => passing(error),
      );
      await this.#attend();
      this.#error = unprepared;
    } catch (error) {
      if (!mayPass(error)) {
        await this.#log.stop();
        throw error;
      }
      this.#error = toError(error);
    }
  }

  async #run(signal: AbortSignal): Promise<void> {
    const everyMs = Math.min(this.#leaseMs / 3, mostMs);
    while (!signal.aborted) {
      await pause(everyMs, signal);
      if (signal.aborted) return;
      const unprepared = await this.#prepare().then(() => undefined, toError); // the others are run all the same
      // what it holds is followed on if it cannot attend: if others take it over meanwhile, their epoch keeps this process from writing
      this.#error = (await this.#attend().then(() => undefined, toError)) ?? unprepared;
    }
  }

  async #attend(): Promise<void> {
    const { readModels, instance, projections } = this.#options;
    const declared = projections.filter((projection) => this.#prepared.has(projection));
    const leases = await readModels.attend({ instance, projections: declared, leaseMs: this.#leaseMs });
    const held = new Map(leases.map((lease) => [idOf(lease), lease]));
    const ended = [...this.#followers].filter(([id, { status }]) => !held.has(id) || status.state === 'stopped');
    for (const [id] of ended) this.#followers.delete(id);
    // not waited for: a batch in hand may take long, and the other leases must be renewed meanwhile
    for (const [, follower] of ended) this.#leave(follower);
    for (const [id, lease] of held) if (!this.#followers.has(id)) this.#followers.set(id, this.#follow(lease));
  }

  #leave(follower: PartitionFollower): void {
    const leaving = follower.stop().finally(() => this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
  }

  async #prepare(): Promise<void> {
    const { eventStore, readModels, projections } = this.#options;
    const missing = projections.filter((projection) => !this.#prepared.has(projection));
    if (missing.length === 0) return;
    const { log } = await eventStore.head();
    const prepare = this.#options.prepare ?? ((projection, identity) => readModels.prepare(projection, identity));
    for (const projection of missing) {
      try {
        await prepare(projection, log);
        this.#prepared.add(projection);
        this.#mismatched.delete(projection.name);
      } catch (error) {
        if (!isKirokuError(error, 'LogMismatch')) throw error;
        this.#mismatched.set(projection.name, error); // the others are run all the same
      }
    }
    const [mismatch] = this.#mismatched.values();
    if (mismatch !== undefined) throw mismatch;
  }

  #follow(lease: PartitionLease & { readonly position: number }): PartitionFollower {
    const { eventStore, readModels, onStatus = () => undefined, onParked = () => undefined } = this.#options;
    const fold = this.#folds.get(lease.projection) ?? batchFold(lease.projection);
    return new PartitionFollower({ eventStore, readModels, log: this.#log, lease, fold, retry: this.#retry, onStatus, onParked });
  }
}

/** What is waited for while the rest is run; throws anything else. */
function passing(error: unknown): Error {
  if (isKirokuError(error, 'LogMismatch')) return error;
  throw error;
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

// a partition that another instance gives up, or a build that has become ready, does not wait longer than this
const mostMs = 1_000;

function idOf({ projection, build, partition, epoch }: PartitionLease): string {
  return `${projection.name} ${projection.version} ${build} ${partition} ${epoch}`;
}
