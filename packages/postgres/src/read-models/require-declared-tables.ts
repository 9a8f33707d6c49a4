import type { ReadModel } from '@kiroku/core';
import type pg from 'pg';
import { statement } from '../statement.ts';
import { type DescribedColumn, requireDeclared } from './plan-tables.ts';
import { projectionSchema } from './table-sql.ts';

/** Throws `DefinitionInvalid`, with `details.differences`, if the tables of a build are not as this code declares them. */
export async function requireDeclaredTables(
  pool: Pick<pg.Pool, 'query'>,
  { projection, build }: ReadModel,
  cause?: unknown,
): Promise<void> {
  if (projection.kind === 'sql') return; // what its statements have made of its tables is not known
  const schema = projectionSchema(projection, build);
  const stored = await pool.query<DescribedColumn>({ ...statement('read_models/describe_tables'), values: [schema] });
  requireDeclared(schema, projection, stored.rows, cause);
}
