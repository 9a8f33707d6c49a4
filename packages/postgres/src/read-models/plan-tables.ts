import { KirokuError, type Projection } from '@kiroku/core';
import { createIndexes, createKey, createTable, declaredColumns, type StoredColumn } from './table-sql.ts';

/** A column of a table that is there. */
export interface DescribedColumn extends StoredColumn {
  readonly table: string;
}

/** The DDL that makes a projection's tables in an empty schema. */
export function planTables(schema: string, projection: Projection): string[] {
  return Object.entries(projection.tables).flatMap(([name, table]) => [
    createTable(schema, name, table),
    createKey(schema, name, table),
    ...createIndexes(schema, name, table),
  ]);
}

/** The indexes that tables with rows may lack. Throws `DefinitionInvalid` if what is there is not as declared. */
export function planIndexes(schema: string, projection: Projection, stored: readonly DescribedColumn[]): string[] {
  requireDeclared(schema, projection, stored);
  return Object.entries(projection.tables).flatMap(([name, table]) => createIndexes(schema, name, table));
}

/** Throws `DefinitionInvalid` if the tables that are there are not as declared. `cause`: what made somebody ask. */
export function requireDeclared(schema: string, projection: Projection, stored: readonly DescribedColumn[], cause?: unknown): void {
  const names = new Set([...Object.keys(projection.tables), ...stored.map(({ table }) => table)]);
  const differences = [...names].flatMap((name) =>
    compare(
      projection,
      name,
      stored.filter(({ table }) => table === name),
    ),
  );
  if (differences.length > 0) throw changed(projection, schema, differences, cause);
}

function compare(projection: Projection, name: string, stored: readonly DescribedColumn[]): string[] {
  const table = projection.tables[name];
  if (table === undefined) return [`the table ${name} is not declared any more`];
  if (stored.length === 0) return [`the table ${name} is not there`];
  const declared = new Map(declaredColumns(table).map((column) => [column.column, describe(column)]));
  const found = new Map(stored.map((column) => [column.column, describe(column)]));
  return [...new Set([...declared.keys(), ...found.keys()])]
    .filter((column) => declared.get(column) !== found.get(column))
    .map((column) => `${name}.${column} is ${found.get(column) ?? 'not there'}, declared as ${declared.get(column) ?? 'nothing'}`);
}

function describe({ type, required, key }: StoredColumn): string {
  return [type, ...(required ? ['not null'] : []), ...(key === null ? [] : [`key ${key + 1}`])].join(' ');
}

function changed({ name, version }: Projection, schema: string, differences: readonly string[], cause: unknown): KirokuError {
  return new KirokuError(
    'DefinitionInvalid',
    `The tables of ${name} version ${version} in ${schema} differ from its definition: ${differences.join('; ')}. Rows folded before and after would not fit together: raise the projection's version to ${version + 1}, or rebuild ${name} if somebody has altered the tables.`,
    { cause, details: { projection: name, version, differences } },
  );
}
