import {
  KirokuError,
  type ParkedEvent,
  type ParkingFault,
  type PartitionLease,
  type ProjectionBatch,
  type ReadModelAdvance,
  type RowChanges,
  rowKeyText,
  type StoredRows,
  toldChanges,
} from '@kiroku/core';
import type pg from 'pg';
import { isDataFault } from '../errors.ts';
import { GatheredCalls } from '../gathered-calls.ts';
import type { Pool } from '../pool.ts';
import { rowsOf } from '../rows-of.ts';
import { statement } from '../statement.ts';
import { inTransaction } from '../transaction.ts';
import { encodeAdvance } from './advance-message.ts';
import { requireSameLog, type StoredLog } from './built-from.ts';
import { withDeclaredTables } from './declared-tables.ts';
import { loadTouchedRows, type RowPlace, tableOf, writeChanges, writeRowByRow } from './rows.ts';
import { runSql } from './run-sql.ts';
import { storableText } from './storable-text.ts';
import { projectionSchema } from './table-sql.ts';

/** Where a partition is, with its lock held. */
interface BegunBatch extends StoredLog {
  readonly epoch: number;
  readonly position: number;
  readonly anyParked: boolean;
}

/** Loads the touched rows, folds, writes and moves the checkpoint in one transaction. */
export async function applyBatch(pool: Pool, passing: PassOvers, batch: ProjectionBatch): Promise<void> {
  if (isEmpty(batch)) return passOver(passing, batch);
  await withDeclaredTables(pool, batch.lease, () => writeBatch(pool, batch));
}

async function writeBatch(pool: Pool, batch: ProjectionBatch): Promise<void> {
  try {
    await inTransaction(pool, 'begin', (client) => apply(client, batch, writeChanges));
  } catch (error) {
    if (!(error instanceof KirokuError) || !isDataFault(error.cause)) throw error;
    // a row that the database refuses: once more, each row in a statement of its own, to tell which
    await inTransaction(pool, 'begin', (client) => apply(client, batch, writeRowByRow));
  }
}

function isEmpty({ touched, fold, run }: ProjectionBatch): boolean {
  if (run !== undefined || Object.keys(touched).length > 0) return false;
  const { changes, parks } = fold({ rows: {}, parked: {} });
  return changes.length === 0 && parks.length === 0;
}

/** Checkpoints that are moved over nothing: those of all partitions that share a reading of the log, in one statement. */
export type PassOvers = GatheredCalls<ProjectionBatch, BegunBatch | undefined>;

export function passOvers(pool: Pool): PassOvers {
  return new GatheredCalls((batches) => movePast(pool, batches));
}

/** Most batches of a projection that others share the log with have nothing for it: a part of one call instead of six. */
async function passOver(passing: PassOvers, batch: ProjectionBatch): Promise<void> {
  requireMine(batch, await passing.call(batch));
}

/** Where each is now. In the order of the partitions: two who move several must not wait for each other. */
async function movePast(pool: Pool, batches: readonly ProjectionBatch[]): Promise<readonly (BegunBatch | undefined)[]> {
  const ordered = batches.map((batch, index) => ({ batch, index, place: placeOf(batch.lease) })).sort((a, b) => inOrder(a.place, b.place));
  const column = (of: (batch: ProjectionBatch) => unknown): unknown[] => ordered.map(({ batch }) => of(batch));
  const values = [
    ...[0, 1, 2, 3].map((part) => ordered.map(({ place }) => place[part])),
    column(({ log }) => log.id),
    column(({ log }) => log.timeline),
    column(({ lease }) => lease.epoch),
    column(({ after }) => after),
    column(({ position }) => position),
    column(({ lease, position }) => messageOf(lease, position, { changed: {}, lists: {} })),
  ];
  const rows = await rowsOf<BegunBatch & { readonly ordinal: number }>(pool, 'read_models/pass_over', values);
  const found: (BegunBatch | undefined)[] = batches.map(() => undefined);
  for (const row of rows) {
    const passed = ordered[row.ordinal - 1];
    if (passed !== undefined) found[passed.index] = row;
  }
  return found;
}

function inOrder(one: ReturnType<typeof placeOf>, other: ReturnType<typeof placeOf>): number {
  if (one[0] !== other[0]) return one[0] < other[0] ? -1 : 1;
  return one[1] - other[1] || one[2] - other[2] || one[3] - other[3];
}

async function apply(
  client: pg.PoolClient,
  batch: ProjectionBatch,
  write: (client: pg.PoolClient, place: RowPlace, changes: readonly RowChanges[]) => Promise<void>,
): Promise<void> {
  const { lease, position } = batch;
  const { rows: begun } = await client.query<BegunBatch>({ ...statement('read_models/begin_batch'), values: placeOf(lease) });
  const { anyParked } = requireMine(batch, begun[0]);
  if (batch.run !== undefined) {
    await runSql(client, lease, batch.run);
    const unknown = messageOf(lease, position, { changed: undefined }); // which rows it has changed
    await client.query({ ...statement('read_models/advance_checkpoint'), values: [...placeOf(lease), position, unknown] });
    return;
  }
  const place = { projection: lease.projection, schema: projectionSchema(lease.projection, lease.build) };
  const rows = await loadTouchedRows(client, place, batch.touched);
  const parked = anyParked ? await findParked(client, batch) : {};
  const { changes, parks } = batch.fold({ rows, parked });
  await write(client, place, changes);
  if (parks.length > 0) await park(client, lease, parks);
  const message = messageOf(lease, position, toldChanges(lease.projection, changes, rows));
  await client.query({ ...statement('read_models/advance_checkpoint'), values: [...placeOf(lease), position, message] });
}

function requireMine(batch: ProjectionBatch, begun: BegunBatch | undefined): BegunBatch {
  if (begun === undefined || begun.epoch !== batch.lease.epoch) throw leaseLost(batch.lease);
  requireSameLog(batch.lease.projection, begun, batch.log);
  requireCheckpoint(batch, begun.position);
  return begun;
}

function placeOf({ projection, build, partition }: PartitionLease): [string, number, number, number] {
  return [projection.name, projection.version, build, partition];
}

function messageOf(
  { projection, build, partition }: PartitionLease,
  position: number,
  changes: Pick<ReadModelAdvance, 'changed' | 'lists'>,
): string {
  return encodeAdvance({ projection: projection.name, version: projection.version, build, partition, position, ...changes });
}

async function findParked(client: pg.PoolClient, { lease, touched }: ProjectionBatch): Promise<StoredRows['parked']> {
  const keys = Object.entries(touched).flatMap(([table, some]) =>
    some.map((key) => ({ table, keyText: rowKeyText(tableOf(lease.projection, table), key) })),
  );
  const { rows } = await client.query<{ table: string; keyText: string }>({
    ...statement('read_models/find_parked'),
    values: [lease.projection.name, lease.projection.version, lease.build, JSON.stringify(keys)],
  });
  const parked: { [table: string]: Set<string> } = {};
  for (const { table, keyText } of rows) {
    parked[table] ??= new Set();
    parked[table].add(keyText);
  }
  return parked;
}

export async function park(
  client: pg.PoolClient,
  { projection, build, partition }: Pick<PartitionLease, 'projection' | 'build' | 'partition'>,
  parks: readonly ParkedEvent[],
): Promise<void> {
  const events = parks.map(({ fault, ...event }) => ({ ...event, ...(fault && storableFault(fault)) }));
  await client.query({
    ...statement('read_models/park_events'),
    values: [projection.name, projection.version, build, partition, JSON.stringify(events)],
  });
}

export function storableFault({ code, message, stack }: ParkingFault): ParkingFault {
  return { code: storableText(code), message: storableText(message), ...(stack !== undefined && { stack: storableText(stack) }) };
}

function leaseLost({ projection: { name, version }, build, partition, epoch }: PartitionLease): KirokuError {
  return new KirokuError(
    'LeaseLost',
    `Partition ${partition} of build ${build} of ${name} version ${version} is not held with epoch ${epoch} any more: another instance has taken it over, or the build was retired. Nothing was written.`,
    { details: { projection: name, version, build, partition, epoch } },
  );
}

function requireCheckpoint({ lease: { projection }, after }: ProjectionBatch, position: number): void {
  if (position === after) return;
  throw new KirokuError(
    'CheckpointConflict',
    `${projection.name} is at position ${position}, not ${after}: another instance has applied events meanwhile. Go on from its checkpoint.`,
    { details: { projection: projection.name, position, after } },
  );
}
