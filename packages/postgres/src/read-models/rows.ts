import { KirokuError, type Projection, type Row, type RowChanges, type RowKey, rowKeyText, type Table } from '@kiroku/core';
import type pg from 'pg';
import { isDataFault, toKirokuError } from '../errors.ts';
import { deleteRows, loadRows, ordinal, upsertRows } from './table-sql.ts';

/** Where rows of a projection are. */
export interface RowPlace {
  readonly projection: Projection;
  readonly schema: string;
}

/** The rows of these keys that are there, by `rowKeyText`. */
export async function loadTouchedRows(
  client: pg.ClientBase,
  { projection, schema }: RowPlace,
  touched: { readonly [table: string]: readonly RowKey[] },
): Promise<{ [table: string]: ReadonlyMap<string, Row> }> {
  const rows: { [table: string]: ReadonlyMap<string, Row> } = {};
  for (const [name, keys] of Object.entries(touched)) {
    const table = tableOf(projection, name);
    const loaded = await client.query<Row>({ ...loadRows(schema, name, table), values: [JSON.stringify(keys)] });
    // by the key as the fold wrote it: a timestamp may come back from the database with more digits
    rows[name] = new Map(loaded.rows.map(({ [ordinal]: number, ...row }) => [rowKeyText(table, keys[Number(number) - 1] ?? row), row]));
  }
  return rows;
}

/** Writes set by set. */
export async function writeChanges(client: pg.ClientBase, place: RowPlace, changes: readonly RowChanges[]): Promise<void> {
  for (const { table, upserts, deletes } of changes) {
    if (deletes.length > 0) await client.query({ ...deleteStatement(place, table), values: [JSON.stringify(deletes)] });
    if (upserts.length > 0) await client.query({ ...upsertStatement(place, table), values: [JSON.stringify(upserts)] });
  }
}

/** Writes row by row. Throws `RowInvalid` for the first that the database refuses, with `details.table` and `details.keyText`. */
export async function writeRowByRow(client: pg.ClientBase, place: RowPlace, changes: readonly RowChanges[]): Promise<void> {
  for (const { table, upserts, deletes } of changes) {
    for (const key of deletes) await writeRow(client, place, { table, upserts: [], deletes: [key] });
    for (const row of upserts) await writeRow(client, place, { table, upserts: [row], deletes: [] });
  }
}

async function writeRow(client: pg.ClientBase, place: RowPlace, change: RowChanges): Promise<void> {
  try {
    await writeChanges(client, place, [change]);
  } catch (cause) {
    if (!isDataFault(cause)) throw toKirokuError(cause);
    const keyText = rowKeyText(tableOf(place.projection, change.table), change.upserts[0] ?? change.deletes[0] ?? {});
    throw new KirokuError(
      'RowInvalid',
      `PostgreSQL refuses the row ${keyText} of ${place.projection.name}.${change.table}: ${cause instanceof Error ? cause.message : 'for no reason given'}`,
      { cause, details: { table: change.table, keyText } },
    );
  }
}

export function tableOf(projection: Projection, name: string): Table {
  const table = projection.tables[name];
  if (table === undefined) throw new KirokuError('DefinitionInvalid', `${projection.name} has no table "${name}".`);
  return table;
}

function deleteStatement({ projection, schema }: RowPlace, table: string) {
  return deleteRows(schema, table, tableOf(projection, table));
}

function upsertStatement({ projection, schema }: RowPlace, table: string) {
  return upsertRows(schema, table, tableOf(projection, table));
}
