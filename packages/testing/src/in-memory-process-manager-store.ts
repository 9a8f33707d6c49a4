import {
  type ClaimedCommand,
  type CommandOutcome,
  KirokuError,
  type LogIdentity,
  type OutgoingCommand,
  type ProcessChanges,
  type ProcessInstance,
  type ProcessManagerStore,
  type ProcessStep,
} from '@kiroku/core';

interface Followed {
  readonly log: LogIdentity;
  position: number;
  readonly instances: Map<string, ProcessInstance>;
  readonly history: ProcessStep[];
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

  async prepare(processManager: string, log: LogIdentity): Promise<void> {
    const known = this.#followed.get(processManager);
    if (known === undefined) this.#followed.set(processManager, { log, position: 0, instances: new Map(), history: [] });
    else if (known.log.id !== log.id || known.log.timeline !== log.timeline) {
      throw new KirokuError('LogMismatch', `${processManager} followed log ${known.log.id}, not ${log.id}.`);
    }
  }

  async checkpoint(processManager: string): Promise<number> {
    return this.#followed.get(processManager)?.position ?? 0;
  }

  async advance(batch: Parameters<ProcessManagerStore['advance']>[0]): Promise<void> {
    const { processManager, after, position, instances, react } = batch;
    const followed = this.#prepared(processManager);
    if (followed.position !== after) {
      throw new KirokuError('CheckpointConflict', `${processManager} is at position ${followed.position}, not ${after}.`);
    }
    this.#write(followed, react(new Map([...followed.instances].filter(([id]) => instances.includes(id)))));
    followed.position = position;
  }

  async claim({ limit, leaseMs }: { readonly limit: number; readonly leaseMs: number }): Promise<readonly ClaimedCommand[]> {
    const now = Date.now();
    const due = [...this.#outgoing.values()].filter(({ outcome, dueAt }) => outcome === undefined && dueAt <= now);
    return due
      .sort((a, b) => a.dueAt - b.dueAt)
      .slice(0, limit)
      .map((outgoing) => {
        outgoing.dueAt = now + leaseMs;
        outgoing.attempts += 1;
        return { ...outgoing.command, attempts: outgoing.attempts };
      });
  }

  async settle(options: Parameters<ProcessManagerStore['settle']>[0]): Promise<void> {
    const { command, outcome, settle } = options;
    const outgoing = this.#outgoing.get(command.id);
    if (outgoing === undefined || outgoing.outcome !== undefined) return;
    const followed = this.#prepared(command.processManager);
    const instance = followed.instances.get(command.instance);
    if (instance !== undefined) this.#write(followed, settle(instance));
    outgoing.outcome = outcome;
  }

  async giveBack(options: { readonly command: ClaimedCommand; readonly error: string; readonly retryAt: string }): Promise<void> {
    const outgoing = this.#outgoing.get(options.command.id);
    if (outgoing === undefined || outgoing.outcome !== undefined || outgoing.attempts !== options.command.attempts) return;
    outgoing.dueAt = Date.parse(options.retryAt);
    outgoing.lastError = options.error;
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

  #write(followed: Followed, { instances, commands, history = [] }: ProcessChanges): void {
    for (const instance of instances) followed.instances.set(instance.id, instance);
    for (const command of commands) {
      if (!this.#outgoing.has(command.id)) this.#outgoing.set(command.id, { command, dueAt: Date.now(), attempts: 0 });
    }
    followed.history.push(...history);
  }

  #prepared(processManager: string): Followed {
    const followed = this.#followed.get(processManager);
    if (followed === undefined)
      throw new KirokuError('Internal', `${processManager} is not registered. Call prepare before anything else.`);
    return followed;
  }
}
