import {
  KirokuError,
  type ParkedAddress,
  type ParkedEvent,
  type ParkedOutcome,
  type ParkedQueue,
  partitionOf,
  type ReadModelAdvance,
  rowKeyText,
  type SettleParked,
  toldChanges,
} from '@kiroku/core';
import type pg from 'pg';
import type { Pool } from '../pool.ts';
import { statement } from '../statement.ts';
import { inTransaction } from '../transaction.ts';
import { encodeAdvance } from './advance-message.ts';
import { park, storableFault } from './apply-batch.ts';
import { withDeclaredTables } from './declared-tables.ts';
import { lockPartition } from './lock-partition.ts';
import { loadTouchedRows, tableOf, writeRowByRow } from './rows.ts';
import { projectionSchema } from './table-sql.ts';

interface StoredQueue {
  readonly partition: number;
  readonly partitions: number;
  readonly key: ParkedQueue['key'] | null;
  readonly event_type: string;
  readonly error_code: string;
  readonly error_message: string;
  readonly error_stack: string | null;
  readonly attempts: number;
  readonly positions: readonly number[];
}

export async function readParked(client: Pick<Pool, 'query'>, address: ParkedAddress): Promise<ParkedQueue | undefined> {
  const { rows } = await client.query<StoredQueue>({ ...statement('read_models/read_parked'), values: valuesOf(address) });
  const [row] = rows;
  if (row === undefined) return undefined;
  const { partition, partitions, key, positions, attempts } = row;
  const checkpoints = await readPositions(client, address);
  const fault = { code: row.error_code, message: row.error_message, ...(row.error_stack !== null && { stack: row.error_stack }) };
  return { partition, partitions, checkpoints, ...(key && { key }), positions, eventType: row.event_type, fault, attempts };
}

/** Folds parked events onto their rows, and forgets what was folded, between two batches. */
export async function settleParked(pool: Pool, settle: SettleParked): Promise<void> {
  await withDeclaredTables(pool, settle.parked, () => foldParked(pool, settle));
}

async function foldParked(pool: Pool, settle: SettleParked): Promise<void> {
  const { parked: address, keys } = settle;
  const { projection, build, table: name } = address;
  await inTransaction(pool, 'begin', async (client) => {
    const queue = await readParked(client, address);
    if (queue === undefined) throw changedMeanwhile(address);
    const table = tableOf(projection, name);
    const partitions = new Set([queue.partition, ...keys.map((key) => partitionOf(rowKeyText(table, key), queue.partitions))]);
    for (const partition of [...partitions].sort((a, b) => a - b)) await lockPartition(client, address, partition);
    const locked = await readParked(client, address);
    if (JSON.stringify(locked?.positions) !== JSON.stringify(settle.positions)) throw changedMeanwhile(address);
    const place = { projection, schema: projectionSchema(projection, build) };
    const rows = keys.length === 0 ? {} : await loadTouchedRows(client, place, { [name]: keys });
    const outcome = await settle.fold(rows[name] ?? new Map(), locked?.checkpoints ?? []);
    const changes = [{ table: name, ...outcome.changes }];
    await writeRowByRow(client, place, changes);
    await forget(client, address, outcome);
    if (outcome.parks !== undefined) await parkAnew(client, settle, { parks: outcome.parks, partitions: queue.partitions });
    if (outcome.changes.upserts.length + outcome.changes.deletes.length > 0) {
      await tell(client, address, queue.partition, toldChanges(projection, changes, rows));
    }
  });
}

async function forget(client: pg.PoolClient, address: ParkedAddress, { rest }: ParkedOutcome): Promise<void> {
  if (rest === undefined) {
    await client.query({ ...statement('read_models/unpark'), values: valuesOf(address) });
    return;
  }
  const { code, message, stack } = storableFault(rest.fault);
  const values = [...valuesOf(address), rest.positions, rest.eventType, code, message, stack ?? null];
  await client.query({ ...statement('read_models/keep_parked'), values });
}

/** Parks events of the keys in place of what was parked of them. */
async function parkAnew(
  client: pg.PoolClient,
  { parked: address, keys }: SettleParked,
  { parks, partitions }: { readonly parks: readonly ParkedEvent[]; readonly partitions: number },
): Promise<void> {
  const table = tableOf(address.projection, address.table);
  for (const key of keys) {
    const keyText = rowKeyText(table, key);
    await client.query({ ...statement('read_models/unpark'), values: valuesOf({ ...address, keyText }) });
    const events = parks.filter((event) => event.keyText === keyText);
    if (events.length > 0) await park(client, { ...address, partition: partitionOf(keyText, partitions) }, events);
  }
}

async function readPositions(
  client: Pick<Pool, 'query'>,
  { projection: { name, version }, build }: ParkedAddress,
): Promise<readonly number[]> {
  const { rows } = await client.query<{ position: number }>({
    ...statement('read_models/list_checkpoints'),
    values: [name, version, build],
  });
  return rows.map(({ position }) => position);
}

/** The checkpoint stays where it is, but rows have changed. */
async function tell(
  client: pg.PoolClient,
  { projection: { name, version }, build }: ParkedAddress,
  partition: number,
  changes: Pick<ReadModelAdvance, 'changed' | 'lists'>,
): Promise<void> {
  const { rows } = await client.query<{ position: number }>({
    ...statement('read_models/read_checkpoint'),
    values: [name, version, build, partition],
  });
  const message = encodeAdvance({ projection: name, version, build, partition, position: rows[0]?.position ?? 0, ...changes });
  await client.query(`select pg_notify('kiroku_read_models', $1)`, [message]);
}

function valuesOf({ projection, build, table, keyText }: ParkedAddress): unknown[] {
  return [projection.name, projection.version, build, table, keyText];
}

function changedMeanwhile({ projection, table, keyText }: ParkedAddress): KirokuError {
  return new KirokuError(
    'CheckpointConflict',
    `What is parked of ${keyText} in ${projection.name}.${table} has changed since it was looked at. Nothing was written; look again.`,
    { details: { projection: projection.name, table, keyText } },
  );
}
