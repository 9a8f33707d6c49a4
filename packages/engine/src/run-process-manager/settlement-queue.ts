import type { ClaimedCommand, Claiming, ProcessManager, ProcessManagerStore, Settlement } from '@kiroku/core';
import { reactToOutcomes } from './react-to-outcomes.ts';

interface Waiting {
  readonly settlement: Settlement;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const most = 500;

/** Settles commands of one process manager in batches: what comes while a batch is on its way makes the next one. A lone outcome does not wait. */
export class SettlementQueue {
  readonly #store: ProcessManagerStore;
  readonly #processManager: ProcessManager;
  readonly #send: (put: (claim: Claiming) => Promise<readonly ClaimedCommand[]>) => Promise<void>;
  #waiting: Waiting[] = [];
  #running = false;

  /** `send` delivers what outcomes lead to. */
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
    return new Promise((resolve, reject) => {
      this.#waiting.push({ settlement, resolve, reject });
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, most);
      this.#waiting = this.#waiting.slice(most);
      await this.#record(batch);
    }
    this.#running = false;
  }

  /** A batch that fails is recorded one by one: a single reaction may be at fault. */
  async #record(batch: readonly Waiting[]): Promise<void> {
    try {
      const settling: Parameters<ProcessManagerStore['settle']>[0] = {
        processManager: this.#processManager.name,
        settlements: batch.map(({ settlement }) => settlement),
        react: (settlements, instances) => reactToOutcomes(this.#processManager, settlements, instances),
      };
      await this.#send((claim) => this.#store.settle({ ...settling, claim }));
      for (const { resolve } of batch) resolve();
    } catch (error) {
      if (batch.length === 1) batch[0]?.reject(error);
      else for (const each of batch) await this.#record([each]);
    }
  }
}
