import type { LogIdentity, Projection } from '@kiroku/core';
import type pg from 'pg';
import type { Pool } from '../pool.ts';
import { statement } from '../statement.ts';
import { inTransaction } from '../transaction.ts';
import { requireSameLog, type StoredLog } from './built-from.ts';
import { type DescribedColumn, planTables } from './plan-tables.ts';
import { projectionSchema } from './table-sql.ts';

/** Creates what a projection version lacks, and registers it. Safe to run from several instances at once. */
export async function prepareProjection(pool: Pool, projection: Projection, log: LogIdentity): Promise<void> {
  const { name, version } = projection;
  await inTransaction(pool, 'begin', async (client) => {
    // whoever prepares (an operator's superuser, too), the tables belong to the services
    await client.query('set local role kiroku_service');
    await client.query({ ...statement('read_models/lock_projection'), values: [name] });
    await createTables(client, projection);
    await client.query({ ...statement('read_models/register_projection'), values: [name, version] });
    await client.query({ ...statement('read_models/register_partition'), values: [name, version, log.id, log.timeline] });
    const built = await client.query<StoredLog>({ ...statement('read_models/read_partition'), values: [name, version] });
    requireSameLog(projection, built.rows[0], log);
  });
}

async function createTables(client: pg.PoolClient, projection: Projection): Promise<void> {
  const schema = projectionSchema(projection);
  const stored = await client.query<DescribedColumn>({ ...statement('read_models/describe_tables'), values: [schema] });
  if (stored.rows.length === 0) {
    const name = client.escapeIdentifier(schema);
    await client.query(`create schema if not exists ${name}`);
    await client.query(`grant usage on schema ${name} to kiroku_owner, kiroku_maintenance`);
    await client.query(`alter default privileges in schema ${name} grant select on tables to kiroku_owner, kiroku_maintenance`);
  }
  for (const ddl of planTables(projection, stored.rows)) await client.query(ddl);
}
