import type { LogIdentity, Projection } from '@kiroku/core';
import type pg from 'pg';
import type { Pool } from '../pool.ts';
import { statement } from '../statement.ts';
import { inTransaction } from '../transaction.ts';
import { requireSameLog, type StoredLog } from './built-from.ts';
import { createSchema } from './create-schema.ts';
import { type DescribedColumn, planIndexes, planTables } from './plan-tables.ts';
import { createSqlObjects } from './run-sql.ts';
import { projectionSchema } from './table-sql.ts';

interface StoredBuild {
  readonly build: number;
  readonly state: 'building' | 'ready' | 'retired';
  readonly active: boolean | null;
  readonly logs: readonly StoredLog[];
}

/** Registers a projection version, and makes its first build if it has none. Safe to run from several instances at once. */
export async function prepareProjection(pool: Pool, projection: Projection, log: LogIdentity): Promise<void> {
  const { name, version } = projection;
  await inTransaction(pool, 'begin', async (client) => {
    // whoever prepares (an operator's superuser, too), the tables belong to the services
    await client.query('set local role kiroku_service');
    await client.query({ ...statement('read_models/lock_projection'), values: [name] });
    await client.query({ ...statement('read_models/register_projection'), values: [name, version] });
    await client.query({ ...statement('read_models/register_version'), values: [name, version] });
    const { rows: builds } = await client.query<StoredBuild>({ ...statement('read_models/list_builds'), values: [name, version] });
    for (const { active, logs } of builds) if (active === true) for (const built of logs) requireSameLog(projection, built, log);
    for (const { build, state, active } of builds)
      if (state === 'ready') await completeBuild(client, projection, { build, active: active === true });
    if (builds.every(({ state }) => state === 'retired')) await firstBuild(client, projection, (builds.at(-1)?.build ?? 0) + 1, log);
  });
}

async function firstBuild(client: pg.PoolClient, projection: Projection, build: number, log: LogIdentity): Promise<void> {
  const { name, version, partitions } = projection;
  const schema = projectionSchema(projection, build);
  await createSchema(client, schema);
  if (projection.kind === 'sql') await createSqlObjects(client, schema, projection);
  for (const ddl of planTables(schema, projection)) await client.query(ddl);
  const values = [name, version, build, partitions, log.id, log.timeline];
  await client.query({ ...statement('read_models/register_build'), values });
}

/** Adds indexes that were declared since. Throws `DefinitionInvalid` if the tables of the active build are not as declared. */
async function completeBuild(
  client: pg.PoolClient,
  projection: Projection,
  { build, active }: { readonly build: number; readonly active: boolean },
): Promise<void> {
  if (projection.kind === 'sql') return; // what its statements have made of its tables is not known
  const schema = projectionSchema(projection, build);
  const stored = await client.query<DescribedColumn>({ ...statement('read_models/describe_tables'), values: [schema] });
  for (const ddl of plannedIndexes(schema, projection, stored.rows, active)) await client.query(ddl);
}

/** One that is only kept may be what a rebuild has replaced because somebody altered its tables: it stalls, and the rest goes on. */
function plannedIndexes(schema: string, projection: Projection, stored: readonly DescribedColumn[], active: boolean): readonly string[] {
  try {
    return planIndexes(schema, projection, stored);
  } catch (error) {
    if (active) throw error;
    return [];
  }
}
