import { createHash } from 'node:crypto';
import type { ColumnType, Projection, Table } from '@kiroku/core';
import type { Statement } from '../statement.ts';

/** A column as the database has it. */
export interface StoredColumn {
  readonly column: string;
  /** As `format_type` names it. */
  readonly type: string;
  readonly required: boolean;
  /** Place in the primary key, from 0. */
  readonly key: number | null;
}

const sqlTypes: { readonly [type in ColumnType]: string } = {
  text: 'text',
  integer: 'bigint',
  boolean: 'boolean',
  timestamp: 'timestamp with time zone',
  date: 'date',
  json: 'jsonb',
};

/** The database schema of a build: `product_list_v1`, and `product_list_v1_b2` for the second. */
export function projectionSchema({ name, version }: Pick<Projection, 'name' | 'version'>, build = 1): string {
  return `${name.replaceAll('-', '_')}_v${version}${build === 1 ? '' : `_b${build}`}`;
}

export function declaredColumns(table: Table): StoredColumn[] {
  return Object.entries(table.columns).map(([column, spec]) => {
    const type = spec.replace(/ key$|\?$/, '') as ColumnType; // what is left of a column spec
    const key = table.key.indexOf(column);
    // null is a value of JSON, and is stored as SQL null
    return { column, type: sqlTypes[type], required: key >= 0 || !(spec.endsWith('?') || type === 'json'), key: key < 0 ? null : key };
  });
}

/** Without a key, as loading many rows is faster into such a one. */
export function createTable(schema: string, name: string, table: Table): string {
  const columns = declaredColumns(table).map(({ column, type, required }) => `${quote(column)} ${type}${required ? ' not null' : ''}`);
  return `create table ${qualified(schema, name)} (${columns.join(', ')})`;
}

export function createKey(schema: string, name: string, table: Table): string {
  return `alter table ${qualified(schema, name)} add primary key (${list(table.key)})`;
}

/** The key in two steps: the first lets a table be read meanwhile. */
export function createKeyBeside(schema: string, name: string, table: Table): readonly [index: string, key: string] {
  const index = quote(indexName(name, table.key, 'key'));
  return [
    `create unique index ${index} on ${qualified(schema, name)} (${list(table.key)})`,
    `alter table ${qualified(schema, name)} add primary key using index ${index}`,
  ];
}

export function createIndexes(schema: string, name: string, table: Table): string[] {
  return table.indexes.map(
    (columns) => `create index if not exists ${quote(indexName(name, columns, 'idx'))} on ${qualified(schema, name)} (${list(columns)})`,
  );
}

function indexName(table: string, columns: readonly string[], kind: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([table, columns]))
    .digest('hex')
    .slice(0, 12); // names of tables and columns together may be too long for one
  return `${table}_${digest}_${kind}`;
}

/** Loads the rows of the keys in $1 (a JSON array), each with the number of its key, from 1. */
export function loadRows(schema: string, name: string, table: Table): Statement {
  const columns = Object.keys(table.columns).map((column) => `stored.${quote(column)}`);
  return named(`
    select asked.ordinal::integer as ${quote(ordinal)}, ${columns.join(', ')}
    from rows from (json_to_recordset($1::json) as (${typed(table, table.key)})) with ordinality as asked (${list(table.key)}, ordinal)
    join ${qualified(schema, name)} as stored on ${sameKey(table, 'asked')}`);
}

/** Writes the rows in $1 (a JSON array). */
export function upsertRows(schema: string, name: string, table: Table): Statement {
  const columns = Object.keys(table.columns);
  const others = columns.filter((column) => !table.key.includes(column));
  const onConflict =
    others.length === 0 ? 'nothing' : `update set ${others.map((column) => `${quote(column)} = excluded.${quote(column)}`).join(', ')}`;
  return named(`
    insert into ${qualified(schema, name)} (${list(columns)})
    select ${list(columns)} from json_to_recordset($1::json) as written (${typed(table, columns)})
    on conflict (${list(table.key)}) do ${onConflict}`);
}

/** Deletes the rows of the keys in $1 (a JSON array). */
export function deleteRows(schema: string, name: string, table: Table): Statement {
  return named(`
    delete from ${qualified(schema, name)} as stored
    using json_to_recordset($1::json) as gone (${typed(table, table.key)})
    where ${sameKey(table, 'gone')}`);
}

/** Name of the column with the number of the key; no declared column can have it. */
export const ordinal = '#';

function sameKey(table: Table, other: string): string {
  return table.key.map((column) => `stored.${quote(column)} = ${other}.${quote(column)}`).join(' and ');
}

function typed(table: Table, columns: readonly string[]): string {
  const types = new Map(declaredColumns(table).map(({ column, type }) => [column, type]));
  return columns.map((column) => `${quote(column)} ${types.get(column)}`).join(', ');
}

function qualified(schema: string, name: string): string {
  return `${quote(schema)}.${quote(name)}`;
}

function list(columns: readonly string[]): string {
  return columns.map(quote).join(', ');
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

// A name of a prepared statement may have 63 characters: fewer than those of schema and table together.
function named(text: string): Statement {
  return { name: `kiroku/rows/${createHash('sha256').update(text).digest('hex').slice(0, 32)}`, text };
}
