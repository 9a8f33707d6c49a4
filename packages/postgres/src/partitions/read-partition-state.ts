import type { QueryResultRow } from 'pg';
import { toKirokuError } from '../errors.ts';
import type { Pool } from '../pool.ts';
import { statement } from '../statement.ts';
import type { PartitionState } from './plan-maintenance.ts';

interface SettingsRow {
  readonly event_partition_size: number;
  readonly event_partitions_ahead: number;
  readonly idempotency_partition_days: number;
  readonly idempotency_partitions_ahead: number;
  readonly head: number;
  readonly now: string;
}

interface EventPartitionRow {
  readonly first_position: number;
  readonly last_position: number;
}

interface IdempotencyPartitionRow {
  readonly from_time: string;
  readonly until_time: string;
  readonly expired: boolean;
}

/** How the log is cut, and how far it has come. */
export async function readPartitionState(pool: Pick<Pool, 'query'>): Promise<PartitionState> {
  const [settings] = await read<SettingsRow>(pool, 'read_log_settings');
  if (settings === undefined) throw toKirokuError(new Error('The row of kiroku.settings is gone; restore it with the defaults.'));
  const events = await read<EventPartitionRow>(pool, 'list_event_partitions', [settings.head]);
  const idempotency = await read<IdempotencyPartitionRow>(pool, 'list_idempotency_partitions');
  return {
    head: settings.head,
    now: settings.now,
    partitionSize: settings.event_partition_size,
    partitionsAhead: settings.event_partitions_ahead,
    idempotencyDays: settings.idempotency_partition_days,
    idempotencyAhead: settings.idempotency_partitions_ahead,
    events: events.map((row) => ({ firstPosition: row.first_position, lastPosition: row.last_position })),
    idempotency: idempotency.map((row) => ({ from: row.from_time, until: row.until_time, expired: row.expired })),
  };
}

/** How many whole partitions are left after the one that is being filled. */
export async function countPartitionsAhead(pool: Pick<Pool, 'query'>): Promise<number> {
  const [row] = await read<{ readonly ahead: number }>(pool, 'count_partitions_ahead');
  return row?.ahead ?? 0;
}

async function read<R extends QueryResultRow>(
  pool: Pick<Pool, 'query'>,
  name: string,
  values: readonly unknown[] = [],
): Promise<readonly R[]> {
  try {
    return (await pool.query<R>(statement(`partitions/${name}`).text, [...values])).rows;
  } catch (error) {
    throw toKirokuError(error);
  }
}
