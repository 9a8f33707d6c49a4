import type { ReadModel, SqlProjection, SqlRunner } from '@kiroku/core';
import type pg from 'pg';
import { projectionSchema } from './table-sql.ts';

/** Runs an application's statements in the transaction of a batch, with the build's schema as the search path. */
export async function runSql(
  client: pg.ClientBase,
  { projection, build }: ReadModel,
  run: (sql: SqlRunner) => Promise<void>,
): Promise<void> {
  const schema = client.escapeIdentifier(projectionSchema(projection, build));
  // its statements may need what loading rows by key does without
  await client.query(
    `set local search_path = ${schema}; set local enable_hashjoin = on; set local enable_mergejoin = on; set local enable_seqscan = on`,
  );
  await run({
    query: async <R extends object>(text: string, values: readonly unknown[] = []) => (await client.query<R>(text, [...values])).rows,
  });
}

/** Runs the DDL of a build. */
export async function createSqlObjects(client: pg.ClientBase, schema: string, { schema: ddl }: SqlProjection): Promise<void> {
  await client.query(`set local search_path = ${client.escapeIdentifier(schema)}`);
  for (const text of ddl) await client.query(text);
  await client.query('set local search_path to default');
}
