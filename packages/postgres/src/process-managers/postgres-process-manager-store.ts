import type {
  ClaimedCommand,
  CommandOutcome,
  EventMetadata,
  JsonObject,
  LogIdentity,
  OutgoingCommand,
  ProcessChanges,
  ProcessInstance,
  ProcessManagerStore,
} from '@kiroku/core';
import { toKirokuError } from '../errors.ts';
import { preferIndexes } from '../event-store/prefer-indexes.ts';
import type { Pool } from '../pool.ts';
import { statement } from '../statement.ts';
import { inTransaction } from '../transaction.ts';
import { type AdvanceBatch, advanceProcessManager } from './advance-process-manager.ts';
import { registerProcessManager } from './register-process-manager.ts';
import { settleCommand } from './settle-command.ts';

const pruneEvery = 1_000;
// Settled commands leave dead rows behind for as long as anybody holds a snapshot (pg_dump, an idle transaction). Claims begin shortly before
// now, and only now and then, or while there is a backlog, at the beginning.
const recentMs = 120_000;
const everMs = 100 * 365 * 86_400_000;
const fullClaimEveryMs = 60_000;

interface ClaimedRow {
  readonly id: string;
  readonly process_manager: string;
  readonly instance: string;
  readonly type: string;
  readonly data: JsonObject;
  readonly metadata: EventMetadata;
  readonly attempts: number;
}

/** Process managers in command_db: instances, their history, checkpoints, and commands on their way out. */
export class PostgresProcessManagerStore implements ProcessManagerStore {
  readonly #pool: Pool;
  readonly #unpruned = new Map<string, { readonly from: number; readonly batches: number }>();

  /** When a claim over all commands last left none behind. */
  #nothingOlder = Number.NEGATIVE_INFINITY;

  /** The pool, made with `createPool` for this store alone, is the caller's to end. */
  constructor({ pool }: { readonly pool: Pool }) {
    this.#pool = preferIndexes(pool);
  }

  prepare(processManager: string, log: LogIdentity): Promise<void> {
    return inTransaction(this.#pool, 'begin', (client) => registerProcessManager(client, processManager, log));
  }

  async checkpoint(processManager: string): Promise<number> {
    const latest = await this.#query<{ position: number }>('process_managers/read_checkpoint', [processManager]);
    return latest[0]?.position ?? 0;
  }

  async advance(batch: AdvanceBatch): Promise<void> {
    await inTransaction(this.#pool, 'begin', (client) => advanceProcessManager(client, batch));
    await this.#prune(batch);
  }

  async claim({ limit, leaseMs }: { readonly limit: number; readonly leaseMs: number }): Promise<readonly ClaimedCommand[]> {
    const now = performance.now();
    const full = now - this.#nothingOlder >= fullClaimEveryMs;
    const rows = await this.#query<ClaimedRow>('process_managers/claim_commands', [limit, leaseMs, full ? everMs : recentMs]);
    if (full && rows.length < limit) this.#nothingOlder = now;
    return rows.map(({ process_manager, ...command }) => ({ ...command, processManager: process_manager }));
  }

  settle(options: {
    readonly command: OutgoingCommand;
    readonly outcome: CommandOutcome;
    readonly settle: (instance: ProcessInstance) => ProcessChanges;
  }): Promise<void> {
    return inTransaction(this.#pool, 'begin', (client) => settleCommand(client, options));
  }

  async giveBack(options: { readonly command: ClaimedCommand; readonly error: string; readonly retryAt: string }): Promise<void> {
    const { command, error, retryAt } = options;
    await this.#query('process_managers/give_back_command', [command.id, command.attempts, retryAt, error]);
  }

  /** Removes outdated checkpoints now and then; the first of a process removes what its predecessors left. */
  async #prune({ processManager, position }: AdvanceBatch): Promise<void> {
    const { from, batches } = this.#unpruned.get(processManager) ?? { from: 0, batches: pruneEvery };
    const due = batches >= pruneEvery;
    this.#unpruned.set(processManager, due ? { from: position, batches: 0 } : { from, batches: batches + 1 });
    // the batch is applied: a prune that fails is no reason to say otherwise, the next one does it
    if (due) await this.#query('process_managers/prune_advances', [processManager, from, position]).catch(() => undefined);
  }

  async #query<R extends object>(name: string, values: readonly unknown[]): Promise<R[]> {
    try {
      const { rows } = await this.#pool.query<R>({ ...statement(name), values: [...values] });
      return rows;
    } catch (error) {
      throw toKirokuError(error);
    }
  }
}
