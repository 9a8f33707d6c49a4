import { isKirokuError } from '@kiroku/core';
import { toKirokuError } from '../errors.ts';
import { createPool, type Pool } from '../pool.ts';
import { statement } from '../statement.ts';
import { type MaintenanceStep, planMaintenance } from './plan-maintenance.ts';
import { readPartitionState } from './read-partition-state.ts';

export interface MaintainOptions {
  /** Of the database event_store, as a member of kiroku_maintenance or its owner. */
  readonly url: string;
  /** Told of each step when it is done. */
  readonly onDone?: (step: MaintenanceStep) => void;
}

export interface Maintenance {
  readonly done: readonly MaintenanceStep[];
  /** Somebody held the tables for long, a backup perhaps: it is for the next time. */
  readonly postponed: readonly MaintenanceStep[];
}

/** What `maintainEventStore` would do now. Throws `DatabaseUnavailable` or `SchemaTooOld`. */
export async function planEventStoreMaintenance({
  url,
  timeoutMs,
}: Pick<MaintainOptions, 'url'> & {
  /** For each answer, milliseconds. Default: as long as it takes. */
  readonly timeoutMs?: number;
}): Promise<readonly MaintenanceStep[]> {
  await using pool = createPool({
    url,
    applicationName: 'kiroku-maintain',
    max: 1,
    ...(timeoutMs !== undefined && { answerTimeoutMs: timeoutMs }),
  });
  return planMaintenance(await readPartitionState(pool));
}

/**
 * Creates partitions of the log ahead of its head and its clock, and forgets command ids that are older than the window. Appends and reads
 * go on meanwhile. Throws `ConfigurationInvalid` if the role of the URL may not, `DatabaseUnavailable` or `SchemaTooOld`.
 */
export async function maintainEventStore({ url, onDone }: MaintainOptions): Promise<Maintenance> {
  await using pool = createPool({ url, applicationName: 'kiroku-maintain', max: 1 });
  const done: MaintenanceStep[] = [];
  const postponed: MaintenanceStep[] = [];
  for (const step of planMaintenance(await readPartitionState(pool))) {
    const isDone = await take(pool, step);
    (isDone ? done : postponed).push(step);
    if (isDone) onDone?.(step);
  }
  return { done, postponed };
}

/** Returns false if a drop has to wait. What others have done meanwhile is done. */
async function take(pool: Pool, { kind }: MaintenanceStep): Promise<boolean> {
  try {
    await pool.query(statement(statements[kind]).text);
    return true;
  } catch (cause) {
    const error = toKirokuError(cause);
    if (kind === 'dropIdempotencyPartition' && isKirokuError(error, 'Overloaded')) return false;
    throw error;
  }
}

const statements = {
  createEventPartition: 'partitions/create_event_partition',
  createIdempotencyPartition: 'partitions/create_idempotency_partition',
  dropIdempotencyPartition: 'partitions/drop_idempotency_partition',
} as const;
