import { KirokuError, type ProjectionBatch, type Row, type RowChanges, rowKeyText, type Table } from '@kiroku/core';
import type pg from 'pg';
import type { Pool } from '../pool.ts';
import { statement } from '../statement.ts';
import { inTransaction } from '../transaction.ts';
import { encodeAdvance } from './advance-message.ts';
import { requireSameLog, type StoredLog } from './built-from.ts';
import { deleteRows, loadRows, ordinal, projectionSchema, upsertRows } from './table-sql.ts';

// No waiting for the disk: rows and checkpoint are lost together, and the batch is folded again from the log.
// Always by the key's index: a plan that was cached while a table was small would scan it when it is large.
const begin =
  'begin; set local synchronous_commit = off; set local enable_hashjoin = off; set local enable_mergejoin = off; set local enable_seqscan = off';

/** Loads the touched rows, folds, writes and moves the checkpoint in one transaction. */
export async function applyBatch(pool: Pool, batch: ProjectionBatch): Promise<void> {
  const { name, version } = batch.projection;
  await inTransaction(pool, begin, async (client) => {
    const built = await client.query<StoredLog>({ ...statement('read_models/lock_partition'), values: [name, version] });
    requireSameLog(batch.projection, built.rows[0], batch.log);
    // a statement of its own: it must see what the previous holder of the lock committed
    const latest = await client.query<{ position: number }>({ ...statement('read_models/read_checkpoint'), values: [name, version] });
    requireCheckpoint(batch, latest.rows[0]?.position ?? 0);
    const changes = batch.fold(await loadTouched(client, batch));
    for (const change of changes) await write(client, batch, change);
    const message = encodeAdvance({ projection: name, version, position: batch.position, changed: changedKeys(batch, changes) });
    await client.query({ ...statement('read_models/advance_checkpoint'), values: [name, version, batch.position, message] });
  });
}

async function loadTouched(client: pg.PoolClient, batch: ProjectionBatch): Promise<{ [table: string]: ReadonlyMap<string, Row> }> {
  const rows: { [table: string]: ReadonlyMap<string, Row> } = {};
  for (const [name, keys] of Object.entries(batch.touched)) {
    const table = tableOf(batch, name);
    const loaded = await client.query<Row>({
      ...loadRows(projectionSchema(batch.projection), name, table),
      values: [JSON.stringify(keys)],
    });
    // by the key as the fold wrote it: a timestamp may come back from the database with more digits
    rows[name] = new Map(loaded.rows.map(({ [ordinal]: number, ...row }) => [rowKeyText(table, keys[Number(number) - 1] ?? row), row]));
  }
  return rows;
}

async function write(client: pg.PoolClient, batch: ProjectionBatch, { table: name, upserts, deletes }: RowChanges): Promise<void> {
  const schema = projectionSchema(batch.projection);
  const table = tableOf(batch, name);
  if (deletes.length > 0) await client.query({ ...deleteRows(schema, name, table), values: [JSON.stringify(deletes)] });
  if (upserts.length > 0) await client.query({ ...upsertRows(schema, name, table), values: [JSON.stringify(upserts)] });
}

function tableOf({ projection }: ProjectionBatch, name: string): Table {
  const table = projection.tables[name];
  if (table === undefined) throw new KirokuError('DefinitionInvalid', `${projection.name} has no table "${name}".`);
  return table;
}

function changedKeys(batch: ProjectionBatch, changes: readonly RowChanges[]): { [table: string]: readonly string[] } {
  return Object.fromEntries(
    changes.map(({ table, upserts, deletes }) => [table, [...upserts, ...deletes].map((row) => rowKeyText(tableOf(batch, table), row))]),
  );
}

function requireCheckpoint({ projection, after }: ProjectionBatch, position: number): void {
  if (position === after) return;
  throw new KirokuError(
    'CheckpointConflict',
    `${projection.name} is at position ${position}, not ${after}: another instance has applied events meanwhile. Go on from its checkpoint.`,
    { details: { projection: projection.name, position, after } },
  );
}
