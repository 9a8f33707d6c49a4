import { KirokuError } from './errors.ts';
import { rowKeyText } from './ports/read-model-store.ts';
import type { Projection, RowsOf } from './projection.ts';

/** Rows of a read model that an answer says something of: those with the keys, those on the list, or, without either, any of the table. */
export interface Dependency {
  readonly projection: string;
  readonly table: string;
  /** As `rowKeyText`. */
  readonly keys?: readonly string[];
  readonly list?: { readonly column: string; readonly value: string };
}

type TableOf<P> = keyof RowsOf<P> & string;

/** Any row of a table: whichever changes, is new or goes. */
export function anyRow<P extends Projection, T extends TableOf<P>>(projection: P, table: T): Dependency {
  return { projection: projection.name, table };
}

/** The rows with these keys, whether there are any or not. Throws `DefinitionInvalid` for a part of a key, and for keys that may be written in several ways. */
export function rowsWithKeys<P extends Projection, T extends TableOf<P>>(
  projection: P,
  table: T,
  keys: readonly Partial<RowsOf<P>[T]>[],
): Dependency {
  const { key, columns } = declared(projection, table);
  for (const column of key) requireOneText(`${projection.name}.${table}.${column}`, columns[column]);
  const text = (each: Partial<RowsOf<P>[T]>): string => {
    if (key.every((column) => each[column as keyof typeof each] !== undefined)) return rowKeyText({ key }, each);
    throw new KirokuError(
      'DefinitionInvalid',
      `${projection.name}.${table} has the key (${key.join(', ')}), of which a part was given: name all of it.`,
    );
  };
  return { projection: projection.name, table, keys: keys.map(text) };
}

/** Changed rows are told by their keys as text: that of a time may have more or fewer digits. */
function requireOneText(column: string, spec: string | undefined): void {
  if (spec === undefined || !/^(timestamp|json)/.test(spec)) return;
  const type = spec.replace(/ key$/, '');
  throw new KirokuError(
    'DefinitionInvalid',
    `${column} is a ${type}, which may be written in several ways: depend on \`anyRow\` of its table.`,
  );
}

/** All rows that have the value in a column that their table is listed by, whichever they are. Throws `DefinitionInvalid` for another column. */
export function rowsListedBy<P extends Projection, T extends TableOf<P>, C extends keyof RowsOf<P>[T] & string>(
  projection: P,
  table: T,
  column: C,
  value: RowsOf<P>[T][C] & (string | number | boolean),
): Dependency {
  if (declared(projection, table).listedBy?.includes(column) !== true) {
    throw new KirokuError(
      'DefinitionInvalid',
      `${projection.name}.${table} does not say that it is listed by "${column}", so nobody would tell of changes. Add it to its \`listedBy\`.`,
    );
  }
  return { projection: projection.name, table, list: { column, value: String(value) } };
}

function declared(projection: Projection, name: string) {
  const table = projection.tables[name];
  if (table === undefined) throw new KirokuError('DefinitionInvalid', `${projection.name} has no table "${name}".`);
  return table;
}
