import {
  type ClaimedCommand,
  type Claiming,
  type CommandOutcome,
  type DueTimer,
  KirokuError,
  type LogIdentity,
  type OutgoingCommand,
  type ProcessChanges,
  type ProcessInstance,
  type ProcessLease,
  type ProcessManagerStore,
  type ProcessStep,
  type StoredInstances,
} from '@kiroku/core';

interface Partition {
  position: number;
  epoch: number;
  owner?: string;
  leasedUntil: number;
}

interface Followed {
  readonly log: LogIdentity;
  readonly partitions: readonly Partition[];
  readonly attendance: Map<string, number>;
  readonly instances: Map<string, ProcessInstance>;
  readonly endedAt: Map<string, number>;
  readonly timers: Map<string, Omit<DueTimer, 'dueAt' | 'at'> & { readonly dueMs: number }>;
  history: readonly ProcessStep[];
}

interface Outgoing {
  readonly command: OutgoingCommand;
  dueAt: number;
  attempts: number;
  outcome?: CommandOutcome;
  lastError?: string;
}

/** A process-manager store in memory: everything the port promises but durability. For tests. */
export class InMemoryProcessManagerStore implements ProcessManagerStore {
  readonly #followed = new Map<string, Followed>();
  readonly #outgoing = new Map<string, Outgoing>();
  readonly #partitions: number;
  readonly #now: () => number;

  /** `now` in milliseconds, and how many partitions a process manager has. Default: the clock, and 4. */
  constructor({ now = () => Date.now(), partitions = 4 }: { readonly now?: () => number; readonly partitions?: number } = {}) {
    this.#now = now;
    this.#partitions = partitions;
  }

  async prepare(processManager: string, log: LogIdentity): Promise<void> {
    const known = this.#followed.get(processManager);
    if (known === undefined) this.#followed.set(processManager, newlyFollowed(log, this.#partitions));
    else if (known.log.id !== log.id || known.log.timeline !== log.timeline) {
      throw new KirokuError('LogMismatch', `${processManager} followed log ${known.log.id}, not ${log.id}.`);
    }
  }

  async checkpoint(processManager: string, partition?: number): Promise<number> {
    const partitions = this.#followed.get(processManager)?.partitions ?? [];
    const asked = partition === undefined ? partitions : partitions.slice(partition, partition + 1);
    return asked.length === 0 ? 0 : Math.min(...asked.map(({ position }) => position));
  }

  async attend(options: Parameters<ProcessManagerStore['attend']>[0]): Promise<readonly ProcessLease[]> {
    return options.processManagers.flatMap((name) => {
      const followed = this.#followed.get(name);
      return followed === undefined ? [] : this.#share(name, followed, options);
    });
  }

  async leave(instance: string): Promise<void> {
    for (const { partitions, attendance } of this.#followed.values()) {
      attendance.delete(instance);
      for (const partition of partitions) if (partition.owner === instance) release(partition);
    }
  }

  async advance(batch: Parameters<ProcessManagerStore['advance']>[0]): Promise<readonly ClaimedCommand[]> {
    const { processManager, partitions, position, instances, settlements = [], react, claim } = batch;
    const followed = this.#prepared(processManager);
    const moved = partitions.map(({ lease }) => followed.partitions[lease.partition]);
    if (moved.some((partition, index) => partition?.epoch !== partitions[index]?.lease.epoch)) {
      throw new KirokuError('LeaseLost', 'Another process has the partition.');
    }
    if (moved.some((partition, index) => partition?.position !== partitions[index]?.after)) {
      throw new KirokuError('CheckpointConflict', `A partition of ${processManager} is not where it was.`);
    }
    const fresh = settlements.filter(({ command }) => {
      const outgoing = this.#outgoing.get(command.id);
      return outgoing !== undefined && outgoing.outcome === undefined;
    });
    if (partitions.length === 0 && fresh.length === 0) return [];
    const concerned = [...instances, ...fresh.map(({ command }) => command.instance)];
    const taken = this.#write(followed, processManager, react(storedOf(followed, concerned), fresh), claim);
    for (const partition of moved) Object.assign(partition ?? {}, { position });
    for (const { command, outcome } of fresh) {
      const outgoing = this.#outgoing.get(command.id);
      if (outgoing === undefined) continue;
      outgoing.outcome = outcome;
      delete outgoing.lastError;
    }
    return taken;
  }

  async claim({ limit, leaseMs }: { readonly limit: number; readonly leaseMs: number }): Promise<readonly ClaimedCommand[]> {
    const now = this.#now();
    const due = [...this.#outgoing.values()].filter(({ outcome, dueAt }) => outcome === undefined && dueAt <= now);
    return due
      .sort((a, b) => a.dueAt - b.dueAt)
      .slice(0, limit)
      .map((outgoing) => claimed(outgoing, now + leaseMs));
  }

  async renew({ commands, leaseMs }: Parameters<ProcessManagerStore['renew']>[0]): Promise<void> {
    for (const { id, attempts } of commands) {
      const outgoing = this.#outgoing.get(id);
      const isHeld = outgoing?.outcome === undefined && outgoing?.attempts === attempts && Number.isFinite(outgoing.dueAt);
      if (isHeld) outgoing.dueAt = this.#now() + leaseMs;
    }
  }

  async giveBack(options: { readonly command: ClaimedCommand; readonly error: string; readonly retryInMs?: number }): Promise<void> {
    const { command, error, retryInMs } = options;
    const outgoing = this.#outgoing.get(command.id);
    if (outgoing === undefined || outgoing.outcome !== undefined || outgoing.attempts !== command.attempts) return;
    outgoing.dueAt = retryInMs === undefined ? Number.POSITIVE_INFINITY : this.#now() + retryInMs;
    outgoing.lastError = error;
    if (retryInMs !== undefined) return;
    const { processManager, instance, type, id } = command;
    const followed = this.#prepared(processManager);
    followed.history = [...followed.history, { instance, kind: 'parked', what: `${type}: ${error}`, reference: id }];
  }

  async fire({
    processManager,
    limit,
    react,
    share,
  }: Parameters<ProcessManagerStore['fire']>[0]): Promise<{ fired: number; nextInMs?: number }> {
    const followed = this.#followed.get(processManager);
    if (followed === undefined) return { fired: 0 };
    const now = this.#now();
    const isOf = (instance: string): boolean => share === undefined || instance.length % share.parts === share.part;
    const waiting = [...followed.timers].filter(([, { instance }]) => isOf(instance)).sort(([, a], [, b]) => a.dueMs - b.dueMs);
    const allDue = waiting.filter(([, { dueMs }]) => dueMs <= now);
    const taken = new Set(allDue.slice(0, limit).map(([, { instance }]) => instance));
    const due = allDue.filter(([, { instance }]) => taken.has(instance));
    const next = waiting[0];
    const nextInMs = next && Math.max(0, next[1].dueMs - now);
    if (due.length === 0) return { fired: 0, ...(nextInMs !== undefined && { nextInMs }) };
    const timers = due.map(([, { dueMs, ...timer }]) => ({
      ...timer,
      dueAt: new Date(dueMs).toISOString(),
      at: new Date(now).toISOString(),
    }));
    const changes = react(
      timers,
      storedOf(
        followed,
        timers.map(({ instance }) => instance),
      ),
    );
    for (const [key] of due) followed.timers.delete(key);
    this.#write(followed, processManager, changes);
    return { fired: due.length, nextInMs: 0 };
  }

  async intervene(options: Parameters<ProcessManagerStore['intervene']>[0]): Promise<boolean> {
    const { processManager, instance: id, react, retryParked = false } = options;
    const followed = this.#prepared(processManager);
    const instance = followed.instances.get(id);
    if (instance === undefined) return false;
    const parked = [...this.#outgoing.values()].filter(({ command, outcome, dueAt }) => {
      const isParked = outcome === undefined && dueAt === Number.POSITIVE_INFINITY;
      return retryParked && isParked && command.processManager === processManager && command.instance === id;
    });
    const changes = react(instance, parked.length);
    const instances = changes.instances.length === 0 ? [instance] : changes.instances;
    this.#write(followed, processManager, { ...changes, instances });
    for (const outgoing of parked) Object.assign(outgoing, { dueAt: this.#now(), attempts: 0 });
    return true;
  }

  async prune({ doneForDays, limit }: { readonly doneForDays: number; readonly limit: number }): Promise<number> {
    const before = this.#now() - doneForDays * 86_400_000;
    let pruned = 0;
    for (const [processManager, followed] of this.#followed) {
      for (const [id, endedAt] of followed.endedAt) {
        const own = [...this.#outgoing].filter(([, { command }]) => command.processManager === processManager && command.instance === id);
        const isOnItsWay = own.some(([, { outcome, dueAt }]) => outcome === undefined && Number.isFinite(dueAt));
        if (endedAt >= before || isOnItsWay || pruned === limit) continue;
        pruned++;
        followed.endedAt.delete(id);
        followed.history = followed.history.filter(({ instance }) => instance !== id);
        for (const [commandId] of own) this.#outgoing.delete(commandId);
      }
    }
    return pruned;
  }

  async instance(processManager: string, id: string): Promise<ProcessInstance | undefined> {
    return this.#prepared(processManager).instances.get(id);
  }

  async history(processManager: string, instance: string): Promise<readonly ProcessStep[]> {
    return this.#prepared(processManager).history.filter((step) => step.instance === instance);
  }

  /** The outcome of a command, and the last error of one that is not settled. */
  async command(id: string): Promise<{ readonly outcome?: CommandOutcome; readonly lastError?: string } | undefined> {
    return this.#outgoing.get(id);
  }

  /** Ids of the commands that are not settled. */
  async unsettled(): Promise<readonly string[]> {
    return [...this.#outgoing.values()].filter(({ outcome }) => outcome === undefined).map(({ command }) => command.id);
  }

  /** When the next timer of any process manager is due, in milliseconds; `undefined` if there is none. */
  nextTimer(): number | undefined {
    const due = [...this.#followed.values()].flatMap(({ timers }) => [...timers.values()].map(({ dueMs }) => dueMs));
    return due.length === 0 ? undefined : Math.min(...due);
  }

  #share(name: string, followed: Followed, { instance, leaseMs }: Parameters<ProcessManagerStore['attend']>[0]): ProcessLease[] {
    const now = this.#now();
    const { attendance, partitions } = followed;
    attendance.set(instance, now + leaseMs);
    for (const [other, aliveUntil] of attendance) if (aliveUntil <= now) attendance.delete(other);
    const turn = [...attendance.keys()].sort().indexOf(instance);
    const share = Math.floor(partitions.length / attendance.size) + (turn < partitions.length % attendance.size ? 1 : 0);
    const takeable = partitions
      .map((partition, index) => ({ partition, index, mine: partition.owner === instance }))
      .filter(({ partition, mine }) => mine || partition.owner === undefined || partition.leasedUntil <= now)
      .sort((a, b) => Number(b.mine) - Number(a.mine) || a.index - b.index);
    for (const { partition, mine } of takeable.slice(share)) if (mine) release(partition);
    return takeable
      .slice(0, share)
      .map(({ partition, index, mine }) => {
        Object.assign(partition, { owner: instance, leasedUntil: now + leaseMs, epoch: partition.epoch + (mine ? 0 : 1) });
        return { processManager: name, partition: index, partitions: partitions.length, epoch: partition.epoch };
      })
      .sort((a, b) => a.partition - b.partition);
  }

  #write(
    followed: Followed,
    processManager: string,
    { instances, commands, timers = [], history = [] }: ProcessChanges,
    claim?: Claiming,
  ): readonly ClaimedCommand[] {
    const taken: ClaimedCommand[] = [];
    const most = claim?.limit(commands.length) ?? 0;
    for (const instance of instances) {
      followed.instances.set(instance.id, instance);
      if (instance.status !== 'done') followed.endedAt.delete(instance.id);
      else if (!followed.endedAt.has(instance.id)) followed.endedAt.set(instance.id, this.#now());
    }
    for (const [index, command] of commands.entries()) {
      if (this.#outgoing.has(command.id)) continue;
      const outgoing = { command, dueAt: this.#now(), attempts: 0 };
      this.#outgoing.set(command.id, outgoing);
      if (index < most) taken.push(claimed(outgoing, this.#now() + (claim?.leaseMs ?? 0)));
    }
    for (const timer of timers) {
      const key = JSON.stringify([timer.instance, timer.name]);
      if ('cancel' in timer) followed.timers.delete(key);
      else {
        const dueMs = 'at' in timer.due ? Date.parse(timer.due.at) : this.#now() + timer.due.inMs;
        const { id, instance, name, metadata } = timer;
        followed.timers.set(key, { id, processManager, instance, name, metadata, dueMs });
      }
    }
    const done = new Set(instances.filter(({ status }) => status === 'done').map(({ id }) => id));
    for (const [key, { instance }] of followed.timers) if (done.has(instance)) followed.timers.delete(key);
    followed.history = [...followed.history, ...history];
    return taken;
  }

  #prepared(processManager: string): Followed {
    const followed = this.#followed.get(processManager);
    if (followed === undefined)
      throw new KirokuError('Internal', `${processManager} is not registered. Call prepare before anything else.`);
    return followed;
  }
}

function claimed(outgoing: Outgoing, until: number): ClaimedCommand {
  outgoing.dueAt = until;
  outgoing.attempts += 1;
  return { ...outgoing.command, attempts: outgoing.attempts };
}

function newlyFollowed(log: LogIdentity, partitions: number): Followed {
  return {
    log,
    partitions: Array.from({ length: partitions }, () => ({ position: 0, epoch: 0, leasedUntil: 0 })),
    attendance: new Map(),
    instances: new Map(),
    endedAt: new Map(),
    timers: new Map(),
    history: [],
  };
}

function storedOf(followed: Followed, instances: readonly string[]): StoredInstances {
  return new Map([...followed.instances].filter(([id]) => instances.includes(id)));
}

function release(partition: Partition): void {
  delete partition.owner;
  partition.leasedUntil = 0;
}
