import type { Projection, Row, RowKey } from '@kiroku/core';
import type pg from 'pg';
import { qualified } from '../read-model-builds/build-tables.ts';
import { tableOf } from '../read-models/rows.ts';

/** A row that one side has and the other has not, or has otherwise. */
export interface RowDifference {
  readonly projection: string;
  readonly table: string;
  readonly kind: 'added' | 'removed' | 'changed';
  readonly key: RowKey;
  /** The columns that differ; of a row that one side lacks, all of them. */
  readonly fields: { readonly [column: string]: { readonly before?: unknown; readonly after?: unknown } };
}

export interface ComparedTable {
  readonly projection: Projection;
  readonly table: string;
  /** The schemas of the two sides. */
  readonly before: string;
  readonly after: string;
}

const pageSize = 500;

/** How the rows of one schema differ from those of another, in the order of their keys, in pages. Needs a transaction. */
export async function* compareTables(client: pg.ClientBase, compared: ComparedTable): AsyncGenerator<readonly RowDifference[], void> {
  await client.query(`declare differences no scroll cursor for ${comparison(client, compared)}`);
  for (;;) {
    const { rows } = await client.query<Row>(`fetch ${pageSize} from differences`);
    if (rows.length > 0) yield rows.map((row) => toDifference(compared, row));
    if (rows.length < pageSize) break;
  }
  await client.query('close differences');
}

// Declared columns begin with a letter, so these prefixes make names of their own.
const [before, after] = ['<', '>'];

function comparison(client: pg.ClientBase, { projection, table: name, before: older, after: newer }: ComparedTable): string {
  const table = tableOf(projection, name);
  const quoted = (column: string) => client.escapeIdentifier(column);
  const columns = Object.keys(table.columns).flatMap((column) => [
    `a.${quoted(column)} as ${quoted(before + column)}`,
    `b.${quoted(column)} as ${quoted(after + column)}`,
  ]);
  const keys = table.key.map(quoted);
  return `
    select a is null as ${quoted(before)}, b is null as ${quoted(after)}, ${columns.join(', ')}
    from ${qualified(older, name)} as a
    full join ${qualified(newer, name)} as b on ${keys.map((key) => `a.${key} = b.${key}`).join(' and ')}
    where a is distinct from b
    order by ${keys.map((key) => `coalesce(a.${key}, b.${key})`).join(', ')}`;
}

function toDifference({ projection, table: name }: ComparedTable, row: Row): RowDifference {
  const table = tableOf(projection, name);
  const [added, removed] = [row[before] === true, row[after] === true];
  const fields = Object.keys(table.columns)
    .map((column) => [column, row[before + column], row[after + column]] as const)
    .filter(([, was, is]) => added || removed || JSON.stringify(was) !== JSON.stringify(is))
    .map(([column, was, is]) => [column, { ...(!added && { before: was }), ...(!removed && { after: is }) }]);
  return {
    projection: projection.name,
    table: name,
    kind: added ? 'added' : removed ? 'removed' : 'changed',
    key: Object.fromEntries(table.key.map((column) => [column, row[(added ? after : before) + column]])),
    fields: Object.fromEntries(fields),
  };
}
