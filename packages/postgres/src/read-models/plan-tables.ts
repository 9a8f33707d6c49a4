import { KirokuError, type Projection } from '@kiroku/core';
import { createIndexes, createTable, declaredColumns, projectionSchema, type StoredColumn } from './table-sql.ts';

/** A column of a table that is there. */
export interface DescribedColumn extends StoredColumn {
  readonly table: string;
}

/** The DDL that a projection's schema still lacks. Throws `DefinitionInvalid` if a table that is there is not as declared. */
export function planTables(projection: Projection, stored: readonly DescribedColumn[]): string[] {
  const schema = projectionSchema(projection);
  const there = new Set(stored.map(({ table }) => table));
  const differences = [...there].flatMap((name) =>
    compare(
      projection,
      name,
      stored.filter(({ table }) => table === name),
    ),
  );
  if (differences.length > 0) throw changed(projection, schema, differences);
  return Object.entries(projection.tables).flatMap(([name, table]) => [
    ...(there.has(name) ? [] : [createTable(schema, name, table)]),
    ...createIndexes(schema, name, table),
  ]);
}

function compare(projection: Projection, name: string, stored: readonly DescribedColumn[]): string[] {
  const table = projection.tables[name];
  if (table === undefined) return [`the table ${name} is not declared any more`];
  const declared = new Map(declaredColumns(table).map((column) => [column.column, describe(column)]));
  const found = new Map(stored.map((column) => [column.column, describe(column)]));
  return [...new Set([...declared.keys(), ...found.keys()])]
    .filter((column) => declared.get(column) !== found.get(column))
    .map((column) => `${name}.${column} is ${found.get(column) ?? 'not there'}, declared as ${declared.get(column) ?? 'nothing'}`);
}

function describe({ type, required, key }: StoredColumn): string {
  return [type, ...(required ? ['not null'] : []), ...(key === null ? [] : [`key ${key + 1}`])].join(' ');
}

function changed({ name, version }: Projection, schema: string, differences: readonly string[]): KirokuError {
  return new KirokuError(
    'DefinitionInvalid',
    `The tables of ${name} version ${version} in ${schema} differ from its definition: ${differences.join('; ')}. Rows folded before and after would not fit together: raise the projection's version to ${version + 1}.`,
    { details: { projection: name, version, differences } },
  );
}
