import {
  isKirokuError,
  type LogIdentity,
  type ProcessLease,
  type ProcessManager,
  type ProcessManagerStore,
  type ProcessPartition,
} from '@kiroku/core';
import type { LogConsumer } from '../follow-log/log-follower.ts';
import type { LogSlice } from '../follow-log/shared-log.ts';
import type { CommandDelivery } from './command-delivery.ts';
import { reactBatch } from './react-batch.ts';

/** Faults of no partition: alone, each would fare the same, or goes on from where it is. */
const nobodysFault = ['LeaseLost', 'CheckpointConflict', 'DatabaseUnavailable'] as const;

export interface PartitionsConsumerOptions {
  readonly processManager: ProcessManager;
  readonly store: ProcessManagerStore;
  /** At least one. */
  readonly leases: readonly ProcessLease[];
  readonly delivery?: Pick<CommandDelivery, 'advance'> | undefined;
  /** Another process has some of the partitions. */
  readonly onLost: () => void;
  /** These cannot go on, and hold up the others. */
  readonly onFault: (partitions: readonly number[]) => void;
  /** All of them have gone on. */
  readonly onAdvance: () => void;
}

/**
 * Takes partitions of a process manager along the log together, each from where it is: a transaction for all of them costs hardly more than one for
 * each. If that fails, each tries alone, so that only those at fault stay behind.
 */
export class PartitionsConsumer implements LogConsumer {
  readonly name: string;
  readonly partitions: readonly number[];
  readonly #options: PartitionsConsumerOptions;
  #held: readonly ProcessPartition[] = [];

  constructor(options: PartitionsConsumerOptions) {
    this.#options = options;
    this.partitions = options.leases.map(({ partition }) => partition);
    this.name = `${options.processManager.name}/${this.partitions.join(',')}`;
  }

  prepare(log: LogIdentity): Promise<void> {
    const { processManager, store } = this.#options;
    return store.prepare(processManager.name, log);
  }

  /** The partitions and where they are, once that was looked up. */
  get held(): readonly ProcessPartition[] {
    return this.#held;
  }

  /** That of the partition farthest behind. */
  async checkpoint(): Promise<number> {
    const { processManager, store, leases } = this.#options;
    const at = async (lease: ProcessLease) => ({ lease, after: await store.checkpoint(processManager.name, lease.partition) });
    this.#held = await Promise.all(leases.map(at));
    return Math.min(...this.#held.map(({ after }) => after));
  }

  farthest(): number {
    return Math.max(...this.#held.map(({ after }) => after));
  }

  concerns({ events }: LogSlice): boolean {
    return reactBatch(this.#options.processManager, events, this.#held).instances.length > 0;
  }

  async apply(slice: LogSlice): Promise<void> {
    const { onLost, onAdvance } = this.#options;
    const behind = this.#held.filter(({ after }) => after < slice.position);
    try {
      await this.#advance(behind, slice);
    } catch (error) {
      if (isKirokuError(error, 'LeaseLost')) onLost(); // see at once who holds what
      if (this.#held.length === 1 || nobodysFault.some((code) => isKirokuError(error, code))) throw error;
      await this.#advanceEach(behind, slice);
    }
    onAdvance();
  }

  async #advanceEach(behind: readonly ProcessPartition[], slice: LogSlice): Promise<void> {
    const faults: { readonly partition: number; readonly error: unknown }[] = [];
    for (const held of behind) {
      await this.#advance([held], slice).catch((error: unknown) => faults.push({ partition: held.lease.partition, error }));
    }
    const [first] = faults;
    if (first === undefined) return;
    this.#options.onFault(faults.map(({ partition }) => partition));
    throw first.error;
  }

  async #advance(partitions: readonly ProcessPartition[], { events, position }: LogSlice): Promise<void> {
    const { processManager, store, delivery } = this.#options;
    const batch = { processManager: processManager.name, partitions, position, ...reactBatch(processManager, events, partitions) };
    await (delivery ?? store).advance(batch);
    const moved = new Set(partitions);
    this.#held = this.#held.map((held) => (moved.has(held) ? { ...held, after: position } : held));
  }
}
