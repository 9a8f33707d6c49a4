import { isKirokuError, type KirokuError, type ReadModel } from '@kiroku/core';
import type pg from 'pg';
import { statement } from '../statement.ts';
import { type DescribedColumn, requireDeclared } from './plan-tables.ts';
import { projectionSchema } from './table-sql.ts';

/**
 * Runs what reads or writes the rows of a build, outside of any transaction. What the database refuses because somebody has altered the
 * tables is `DefinitionInvalid`, which names the differences, and no fault of an event.
 */
export async function withDeclaredTables<T>(
  pool: Pick<pg.Pool, 'query'>,
  { projection, build }: ReadModel,
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (projection.kind === 'fold' && isKirokuError(error) && mayBeAltered(error)) {
      const schema = projectionSchema(projection, build);
      const stored = await pool
        .query<DescribedColumn>({ ...statement('read_models/describe_tables'), values: [schema] })
        .catch(() => undefined);
      if (stored !== undefined) requireDeclared(schema, projection, stored.rows, error);
    }
    throw error;
  }
}

/** Something is not there, has another type, or takes no such row. */
function mayBeAltered({ code }: KirokuError): boolean {
  return code === 'SchemaTooOld' || code === 'Internal' || code === 'RowInvalid';
}
