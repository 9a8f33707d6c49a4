import {
  type ClaimedCommand,
  type Claiming,
  isKirokuError,
  type ProcessChanges,
  type ProcessManager,
  type ProcessManagerStore,
  type Settlement,
} from '@kiroku/core';
import type { BatchReaction } from './react-batch.ts';
import { reactToOutcomes } from './react-to-outcomes.ts';

type Advancing = Parameters<ProcessManagerStore['advance']>[0];

/** Partitions that go along the log, and what their instances make of it. */
export type Advance = Pick<Advancing, 'processManager' | 'partitions' | 'position'> & BatchReaction;

interface Waiting<T> {
  readonly what: T;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const most = 500;
const nowhere = { partitions: [], position: 0, instances: [], react: (): ProcessChanges => ({ instances: [], commands: [] }) };

/**
 * What a process writes of one process manager, a transaction at a time: outcomes of its commands, and how far its partitions are in the log. What
 * comes while one is on its way makes the next, so two never wait for each other's instances. Nothing waits for company.
 */
export class TurnQueue {
  readonly #store: ProcessManagerStore;
  readonly #processManager: ProcessManager;
  readonly #send: (put: (claim: Claiming) => Promise<readonly ClaimedCommand[]>) => Promise<void>;
  #settling: Waiting<Settlement>[] = [];
  #advancing: Waiting<Advance>[] = [];
  #running = false;

  /** `send` delivers what comes of it. */
  constructor(
    store: ProcessManagerStore,
    processManager: ProcessManager,
    send: (put: (claim: Claiming) => Promise<readonly ClaimedCommand[]>) => Promise<void>,
  ) {
    this.#store = store;
    this.#processManager = processManager;
    this.#send = send;
  }

  /** Resolves when it is recorded. */
  settle(settlement: Settlement): Promise<void> {
    return this.#enter((waiting) => this.#settling.push(waiting), settlement);
  }

  /** Resolves when it is written. Throws as the store does. */
  advance(advance: Advance): Promise<void> {
    return this.#enter((waiting) => this.#advancing.push(waiting), advance);
  }

  #enter<T>(put: (waiting: Waiting<T>) => void, what: T): Promise<void> {
    return new Promise((resolve, reject) => {
      put({ what, resolve, reject });
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#settling.length > 0 || this.#advancing.length > 0) {
      const settling = this.#settling.slice(0, most);
      this.#settling = this.#settling.slice(most);
      await this.#write(settling, this.#advancing.shift());
    }
    this.#running = false;
  }

  /**
   * What fails together is written one by one: a single reaction may be at fault. If it is the database, each would wait for it in vain: all of them
   * once more, over another connection, and then they are told.
   */
  async #write(settling: readonly Waiting<Settlement>[], advancing?: Waiting<Advance>, isSecondTry = false): Promise<void> {
    const all = [...settling, ...(advancing === undefined ? [] : [advancing])];
    try {
      await this.#send((claim) => this.#put(settling, claim, advancing?.what));
      for (const { resolve } of all) resolve();
    } catch (error) {
      const isAway = isKirokuError(error, 'DatabaseUnavailable');
      if (isAway && !isSecondTry) await this.#write(settling, advancing, true);
      else if (isAway || all.length === 1) for (const { reject } of all) reject(error);
      else if (advancing === undefined) for (const each of settling) await this.#write([each]);
      else {
        await this.#write(settling);
        await this.#write([], advancing);
      }
    }
  }

  #put(
    settling: readonly Waiting<Settlement>[],
    claim: Claiming,
    advance: Omit<Advance, 'processManager'> = nowhere,
  ): Promise<readonly ClaimedCommand[]> {
    const processManager = this.#processManager;
    return this.#store.advance({
      ...advance,
      processManager: processManager.name,
      settlements: settling.map(({ what }) => what),
      react: (stored, outcomes) => {
        const first = reactToOutcomes(processManager, outcomes, stored);
        const between = new Map([...stored, ...first.instances.map((instance) => [instance.id, instance] as const)]);
        return together(first, advance.react(between));
      },
      claim,
    });
  }
}

/** Changes, and those that were made after them. */
function together(first: ProcessChanges, second: ProcessChanges): ProcessChanges {
  const later = new Set(second.instances.map(({ id }) => id));
  return {
    instances: [...first.instances.filter(({ id }) => !later.has(id)), ...second.instances],
    commands: [...first.commands, ...second.commands],
    timers: [...(first.timers ?? []), ...(second.timers ?? [])],
    history: [...(first.history ?? []), ...(second.history ?? [])],
  };
}
