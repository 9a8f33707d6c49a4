import type pg from 'pg';

/** Creates a schema for the tables of a build, readable for operators. */
export async function createSchema(client: pg.ClientBase, schema: string): Promise<void> {
  const name = client.escapeIdentifier(schema);
  await client.query(`create schema ${name}`);
  await client.query(`grant usage on schema ${name} to kiroku_owner, kiroku_maintenance`);
  await client.query(`alter default privileges in schema ${name} grant select on tables to kiroku_owner, kiroku_maintenance`);
}
