import { KirokuError, type ReadModel, type Row, rowKeyText } from '@kiroku/core';
import { isDataFault } from '../errors.ts';
import type { Pool } from '../pool.ts';
import { tableOf } from '../read-models/rows.ts';
import { projectionSchema } from '../read-models/table-sql.ts';
import { qualified } from './build-tables.ts';

/** What pg's errors tell besides their message. */
type Told = { readonly message?: string; readonly where?: string; readonly detail?: string };

/** Names the row that a COPY was refused for, from the rows that were sent: `RowInvalid`, or the error itself if it is another one. */
export function refusedByCopy(error: unknown, build: ReadModel, table: string, sent: readonly (readonly Row[])[]): unknown {
  const told = dataFault(error);
  const line = /, line (\d+)/.exec(told?.where ?? '')?.[1];
  if (told === undefined || line === undefined) return error;
  let left = Number(line) - 1;
  for (const page of sent) {
    const row = page[left];
    if (row !== undefined) return refusal(error, build, { table, row, why: told.message });
    left -= page.length;
  }
  return error;
}

/** Names the row that no key or index could be made for, as above. */
export async function refusedByIndex(pool: Pool, error: unknown, build: ReadModel): Promise<unknown> {
  const told = dataFault(error);
  const [, place, table] = /tuple (\(\d+,\d+\)) in relation "([^"]+)"/.exec(told?.detail ?? '') ?? [];
  if (told === undefined || place === undefined || table === undefined || build.projection.tables[table] === undefined) return error;
  const key = tableOf(build.projection, table).key.map((column) => `"${column}"`);
  const from = qualified(projectionSchema(build.projection, build.build), table);
  const { rows } = await pool.query<Row>(`select ${key.join(', ')} from ${from} where ctid = $1`, [place]);
  return rows[0] === undefined ? error : refusal(error, build, { table, row: rows[0], why: told.message });
}

function dataFault(error: unknown): Told | undefined {
  return error instanceof KirokuError && isDataFault(error.cause) ? (error.cause as Told) : undefined; // as pg raises them
}

function refusal(
  cause: unknown,
  { projection, build }: ReadModel,
  { table, row, why = 'for no reason given' }: { readonly table: string; readonly row: Row; readonly why: string | undefined },
): KirokuError {
  const keyText = rowKeyText(tableOf(projection, table), row);
  return new KirokuError(
    'RowInvalid',
    `PostgreSQL refuses the row ${keyText} of ${projection.name}.${table}: ${why}. What is read is as it was, but build ${build} cannot be completed: which event the row cannot be made from is not known, so its key is not parked. Correct the fold or the columns, raise the version and deploy it; \`kiroku job cancel\` drops the build.`,
    { cause, details: { table, keyText } },
  );
}
