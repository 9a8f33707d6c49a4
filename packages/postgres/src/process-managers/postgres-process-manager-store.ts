import type { ClaimedCommand, EventMetadata, JsonObject, LogIdentity, ProcessLease, ProcessManagerStore } from '@kiroku/core';
import { toKirokuError } from '../errors.ts';
import { preferIndexes } from '../event-store/prefer-indexes.ts';
import type { Pool } from '../pool.ts';
import { storableText } from '../read-models/storable-text.ts';
import { sendWithoutWaiting } from '../send-without-waiting.ts';
import { statement } from '../statement.ts';
import { inTransaction } from '../transaction.ts';
import { type AdvanceBatch, advanceProcessManager } from './advance-process-manager.ts';
import { attendPartitions } from './attend-partitions.ts';
import { type FireOptions, fireTimers } from './fire-timers.ts';
import { interveneInInstance } from './intervene-in-instance.ts';
import { RecentWindow } from './recent-window.ts';
import { registerProcessManager } from './register-process-manager.ts';

const pruneEvery = 1_000;
/** Characters of the error that is kept with a command. */
const longestError = 8_000;

interface ClaimedRow {
  readonly id: string;
  readonly process_manager: string;
  readonly instance: string;
  readonly type: string;
  readonly data: JsonObject;
  readonly metadata: EventMetadata;
  readonly label: string | null;
  readonly attempts: number;
}

/** Process managers in command_db: instances, their history, timers, checkpoints, and commands on their way out. */
export class PostgresProcessManagerStore implements ProcessManagerStore {
  readonly #pool: Pool;
  readonly #unpruned = new Map<string, { readonly from: number; readonly batches: number }>();
  readonly #recentCommands = new RecentWindow();
  readonly #recentTimers = new Map<string, RecentWindow>();

  /** The pool, made with `createPool` for this store alone, is the caller's to end. */
  constructor({ pool }: { readonly pool: Pool }) {
    this.#pool = sendWithoutWaiting(preferIndexes(pool));
  }

  prepare(processManager: string, log: LogIdentity): Promise<void> {
    return inTransaction(this.#pool, 'begin', (client) => registerProcessManager(client, processManager, log));
  }

  async checkpoint(processManager: string, partition?: number): Promise<number> {
    const rows =
      partition === undefined
        ? await this.#query<{ position: number }>('read_slowest_checkpoint', [processManager])
        : await this.#query<{ position: number }>('read_checkpoint', [processManager, partition]);
    return rows[0]?.position ?? 0;
  }

  attend(options: Parameters<ProcessManagerStore['attend']>[0]): Promise<readonly ProcessLease[]> {
    return inTransaction(this.#pool, 'begin', (client) => attendPartitions(client, options));
  }

  async leave(instance: string): Promise<void> {
    await this.#query('leave', [instance]);
  }

  async advance(batch: AdvanceBatch): Promise<readonly ClaimedCommand[]> {
    const claimed = await advanceProcessManager(this.#pool, batch);
    await Promise.all(batch.partitions.map(({ lease }) => this.#pruneAdvances(lease, batch.position)));
    return claimed;
  }

  async claim({ limit, leaseMs }: { readonly limit: number; readonly leaseMs: number }): Promise<readonly ClaimedCommand[]> {
    const look = this.#recentCommands.next();
    const rows = await this.#query<ClaimedRow>('claim_commands', [limit, leaseMs, look.sinceMs]);
    if (rows.length < limit) look.foundAll();
    return rows.map(({ process_manager, label, ...command }) => ({
      ...command,
      processManager: process_manager,
      ...(label !== null && { label }),
    }));
  }

  async renew({ commands, leaseMs }: Parameters<ProcessManagerStore['renew']>[0]): Promise<void> {
    await this.#query('renew_commands', [commands.map(({ id }) => id), commands.map(({ attempts }) => attempts), leaseMs]);
  }

  async giveBack(options: { readonly command: ClaimedCommand; readonly error: string; readonly retryInMs?: number }): Promise<void> {
    const { command, error, retryInMs = null } = options;
    await this.#query('give_back_command', [command.id, command.attempts, retryInMs, storableText(error.slice(0, longestError))]);
  }

  async fire(options: FireOptions): Promise<{ readonly fired: number; readonly nextInMs?: number }> {
    const { processManager, limit } = options;
    const window = this.#recentTimers.get(processManager) ?? new RecentWindow();
    this.#recentTimers.set(processManager, window);
    const look = window.next();
    const [next] = await this.#query<{ nextInMs: number }>('next_timer', [processManager, look.sinceMs]);
    const isDue = next !== undefined && next.nextInMs === 0;
    const fired = isDue ? await fireTimers(this.#pool, { ...options, sinceMs: look.sinceMs }) : 0;
    if (fired < limit && options.share === undefined) look.foundAll();
    return { fired, ...next };
  }

  intervene(options: Parameters<ProcessManagerStore['intervene']>[0]): Promise<boolean> {
    return inTransaction(this.#pool, 'begin', (client) => interveneInInstance(client, options));
  }

  async prune({ doneForDays, limit }: { readonly doneForDays: number; readonly limit: number }): Promise<number> {
    try {
      const { rowCount } = await this.#pool.query({ ...statement('process_managers/prune_instances'), values: [doneForDays, limit] });
      return rowCount ?? 0;
    } catch (error) {
      throw toKirokuError(error);
    }
  }

  /** Removes outdated checkpoints now and then; the first of a process removes what its predecessors left. */
  async #pruneAdvances({ processManager, partition }: ProcessLease, position: number): Promise<void> {
    const key = `${processManager}/${partition}`;
    const { from, batches } = this.#unpruned.get(key) ?? { from: 0, batches: pruneEvery };
    const due = batches >= pruneEvery;
    this.#unpruned.set(key, due ? { from: position, batches: 0 } : { from, batches: batches + 1 });
    // the batch is applied: a prune that fails is no reason to say otherwise, the next one does it
    if (due) await this.#query('prune_advances', [processManager, partition, from, position]).catch(() => undefined);
  }

  async #query<R extends object>(name: string, values: readonly unknown[]): Promise<R[]> {
    try {
      const { rows } = await this.#pool.query<R>({ ...statement(`process_managers/${name}`), values: [...values] });
      return rows;
    } catch (error) {
      throw toKirokuError(error);
    }
  }
}
