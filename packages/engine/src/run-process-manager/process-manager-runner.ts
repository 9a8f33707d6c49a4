import type { EventStore, ProcessLease, ProcessManager, ProcessManagerStore } from '@kiroku/core';
import { v7 as uuid } from 'uuid';
import type { Backoff } from '../backoff/backoff.ts';
import { pause } from '../backoff/pause.ts';
import type { FollowerProgress, FollowerStatus } from '../follow-log/follower-status.ts';
import { type FollowOptions, LogFollower, lagOf } from '../follow-log/log-follower.ts';
import { mayPass } from '../follow-log/may-pass.ts';
import { SharedLog } from '../follow-log/shared-log.ts';
import type { CommandDelivery } from './command-delivery.ts';
import { PartitionsConsumer } from './partitions-consumer.ts';

export interface ProcessManagerRunnerOptions extends Omit<FollowOptions, 'log' | 'eventStore'> {
  readonly eventStore: EventStore;
  readonly store: ProcessManagerStore;
  readonly processManager: ProcessManager;
  /** A reading of the log, started, that gives its events among others: it is shared, and stays when the runner stops. Default: one of its own. */
  readonly log?: SharedLog;
  /** Events of the log looked at for one page of its own reading. Default 1,000. */
  readonly pageSize?: number;
  /** Names this process among those that run the process manager. Default: a new id. */
  readonly instance?: string;
  /** Milliseconds after which the partitions of a process that is gone go to others. Default 10,000. */
  readonly leaseMs?: number;
  /** Delivers the commands at once, as far as it has room. Default: they wait until a delivery finds them. */
  readonly delivery?: Pick<CommandDelivery, 'advance'>;
}

/** Positions by which a partition may be behind the others and still go along with them: they wait for it. */
const near = 10_000;

/** Partitions that go along the log together. */
interface Followed {
  readonly key: string;
  readonly consumer: PartitionsConsumer;
  readonly follower: LogFollower;
}

/**
 * Shows a process manager the log: reactions, timers, commands to send and checkpoints change together. Its instances are spread over partitions,
 * and these over the processes that run it. The partitions of a process go along together; one that cannot go on,
 * or is far behind, holds up no other.
 */
export class ProcessManagerRunner implements AsyncDisposable {
  readonly processManager: ProcessManager;
  readonly #options: ProcessManagerRunnerOptions;
  readonly #instance: string;
  readonly #ownLog: SharedLog | undefined;
  #followed: readonly Followed[] = [];
  /** What has a batch in hand still, though its partitions go along otherwise from now on, or with another process. */
  readonly #leaving = new Map<Followed, Promise<void>>();
  /** Partitions that cannot go on: each is tried alone until it does. */
  readonly #atFault = new Set<number>();
  #stopping = new AbortController();
  #turn = new AbortController();
  #running: Promise<void> | undefined;
  #registered = false;
  #fault: FollowerStatus | undefined;

  constructor(options: ProcessManagerRunnerOptions) {
    this.processManager = options.processManager;
    this.#options = options;
    this.#instance = options.instance ?? uuid();
    this.#ownLog = options.log === undefined ? sharedLog(options.eventStore, [options.processManager], options) : undefined;
  }

  /** Throws faults that no retry mends, e.g. `DefinitionInvalid`; an unreachable database, or a checkpoint of another log, only stalls it. */
  async start(): Promise<void> {
    if (this.#running !== undefined) return;
    [this.#stopping, this.#turn] = [new AbortController(), new AbortController()];
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

  /** Stops after the batches in hand, and hands over its partitions. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#turn.abort();
    await this.#running;
    if (this.#running === undefined) return;
    this.#running = undefined;
    this.#fault = undefined;
    await this.#end();
  }

  /** Its partitions here taken together: the one farthest behind, stalled if one of them is. Without any, where the others are. */
  async status(): Promise<FollowerProgress> {
    const { eventStore, store } = this.#options;
    const { name } = this.processManager;
    const each = await Promise.all(this.#followed.map(({ follower }) => follower.progress()));
    const worst = each.toSorted(
      (a, b) => Number(b.state === 'stalled') - Number(a.state === 'stalled') || (a.position ?? 0) - (b.position ?? 0),
    )[0];
    if (this.#fault === undefined && worst !== undefined) return { ...worst, name };
    const head = await eventStore.head().catch(() => undefined);
    const position = await store.checkpoint(name).catch(() => undefined);
    const status = this.#fault ?? { name, state: this.#running === undefined ? 'stopped' : 'running', since: new Date().toISOString() };
    return { ...status, position, lag: lagOf(head, position) };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #begin(): Promise<void> {
    this.#ownLog?.start();
    try {
      await this.#attend();
    } catch (error) {
      if (mayPass(error)) return this.#stalled(error);
      await this.#end();
      throw error;
    }
  }

  async #end(): Promise<void> {
    await this.#follow([]);
    await Promise.all(this.#leaving.values());
    await this.#ownLog?.stop();
    // who cannot say goodbye is missed when the leases lapse
    await this.#options.store.leave(this.#instance).catch(() => undefined);
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { leaseMs = 10_000 } = this.#options;
    while (!signal.aborted) {
      await pause(leaseMs / 4, this.#turn.signal);
      this.#turn = new AbortController(); // before the look, so that what happens during it is not missed
      if (!signal.aborted) await this.#attend().catch((error: unknown) => this.#stalled(error));
    }
  }

  /** Renews what it holds, and begins or ends following what it was given or has lost. */
  async #attend(): Promise<void> {
    const { eventStore, store, leaseMs = 10_000 } = this.#options;
    const { name } = this.processManager;
    if (!this.#registered) await store.prepare(name, (await eventStore.head()).log);
    this.#registered = true;
    const leases = await store.attend({ instance: this.#instance, processManagers: [name], leaseMs });
    await this.#follow(leases);
    this.#fault = undefined;
  }

  async #follow(leases: readonly ProcessLease[]): Promise<void> {
    const wanted = new Map((await this.#groups(leases)).map((group) => [keyOf(group), group]));
    const outdated = this.#followed.filter(({ key }) => !wanted.has(key));
    this.#followed = this.#followed.filter(({ key }) => wanted.has(key));
    for (const each of outdated) this.#leave(each);
    const left = [...this.#leaving.keys()].flatMap(({ consumer }) => consumer.partitions);
    for (const [key, group] of wanted) {
      if (this.#followed.some((followed) => followed.key === key)) continue;
      if (group.some(({ partition }) => left.includes(partition))) continue; // nobody else works on the same: it is followed once that is done
      const followed = { key, ...this.#follower(group) };
      await followed.follower.start(); // if that fails, it is tried again with the next look
      this.#followed = [...this.#followed, followed];
    }
  }

  /** Not waited for: a batch in hand may take long, and the other leases must be renewed meanwhile. */
  #leave(followed: Followed): void {
    const leaving = followed.follower.stop().finally(() => {
      this.#leaving.delete(followed);
      this.#turn.abort(); // who waited for it goes on at once
    });
    this.#leaving.set(followed, leaving);
  }

  /** Those that go along together, and each that goes alone. */
  async #groups(leases: readonly ProcessLease[]): Promise<readonly (readonly ProcessLease[])[]> {
    const held = this.#followed.flatMap(({ consumer }) => consumer.held);
    const positionOf = ({ processManager, partition, epoch }: ProcessLease): Promise<number> | number =>
      held.find(({ lease }) => lease.partition === partition && lease.epoch === epoch)?.after ??
      this.#options.store.checkpoint(processManager, partition);
    const at = await Promise.all(leases.map(async (lease) => ({ lease, position: await positionOf(lease) })));
    const farthest = Math.max(0, ...at.map(({ position }) => position));
    const [together, alone]: [ProcessLease[], ProcessLease[]] = [[], []];
    for (const { lease, position } of at) {
      const isApart = this.#atFault.has(lease.partition) || position < farthest - near;
      (isApart ? alone : together).push(lease);
    }
    return [together, ...alone.map((lease) => [lease])].filter((group) => group.length > 0);
  }

  #follower(leases: readonly ProcessLease[]): Pick<Followed, 'consumer' | 'follower'> {
    const { store, delivery, log = this.#ownLog as SharedLog, ...options } = this.#options; // there is one or the other
    const consumer = new PartitionsConsumer({
      processManager: this.processManager,
      store,
      leases,
      delivery,
      onLost: () => this.#turn.abort(),
      onFault: (partitions) => {
        for (const partition of partitions) this.#atFault.add(partition);
        this.#turn.abort(); // the others go on at once
      },
      onAdvance: () => {
        for (const { partition } of leases) this.#atFault.delete(partition); // it joins the others with the next look at which it is near
      },
    });
    return { consumer, follower: new LogFollower(consumer, { ...options, log }) };
  }

  #stalled(error: unknown): void {
    const since = this.#fault?.since ?? new Date().toISOString();
    const fault = error instanceof Error ? error : new Error(String(error));
    this.#fault = { name: this.processManager.name, state: 'stalled', position: undefined, since, error: fault };
    this.#options.onStatus?.(this.#fault);
  }
}

function keyOf(leases: readonly ProcessLease[]): string {
  return leases.map(({ partition, epoch }) => `${partition}/${epoch}`).join(' ');
}

/** One reading of the log for all process managers of a process; to be started before them and stopped after. */
export function sharedLog(
  eventStore: EventStore,
  processManagers: readonly ProcessManager[],
  { pageSize = 1_000, retry = { baseMs: 100, capMs: 10_000 } }: { readonly pageSize?: number; readonly retry?: Backoff } = {},
): SharedLog {
  const eventTypes = [...new Set(processManagers.flatMap((each) => each.eventTypes))];
  return new SharedLog({ eventStore, eventTypes, pageSize, retry });
}
