import type { OwnedBuild, PartitionCheckpoint, ReadModel } from '@kiroku/core';
import type pg from 'pg';
import type { Pool } from '../pool.ts';
import { withDeclaredTables } from '../read-models/declared-tables.ts';
import { projectionSchema } from '../read-models/table-sql.ts';
import { statement } from '../statement.ts';
import { inTransaction } from '../transaction.ts';
import { copyRowsAcross } from './build-tables.ts';
import { requireBuilding } from './require-building.ts';
import { type PartitionRow, partitionCheckpoint } from './version-statuses.ts';

/** Adds the rows of another build, but for some keys, as of one snapshot. */
export async function carryOver(
  pool: Pool,
  build: OwnedBuild,
  from: ReadModel,
  except: (checkpoints: readonly PartitionCheckpoint[]) => Promise<{ readonly [table: string]: ReadonlySet<string> }>,
): Promise<readonly PartitionCheckpoint[]> {
  const { projection } = build;
  const { name, version } = projection;
  const copy = async (client: pg.PoolClient) => {
    await client.query('set local role kiroku_service');
    await requireBuilding(client, build);
    const checkpoints = await readCheckpoints(client, from);
    const excepted = await except(checkpoints);
    for (const [table, definition] of Object.entries(projection.tables)) {
      const keys = excepted[table] ?? new Set<string>();
      const schemas = { from: projectionSchema(projection, from.build), to: projectionSchema(projection, build.build) };
      await copyRowsAcross(client, { ...schemas, name: table, table: definition }, keys);
      const values = [name, version, build.build, from.build, table, [...keys]];
      await client.query({ ...statement('read_model_builds/carry_parked'), values });
    }
    return checkpoints;
  };
  return withDeclaredTables(pool, from, () => inTransaction(pool, 'begin isolation level repeatable read', copy));
}

/** Where the partitions of a build are, in the snapshot of the transaction. */
export async function readCheckpoints(client: pg.ClientBase, { projection, build }: ReadModel): Promise<readonly PartitionCheckpoint[]> {
  const values = [projection.name, projection.version, build];
  const { rows } = await client.query<PartitionRow>({ ...statement('read_models/list_checkpoints'), values });
  return rows.map(partitionCheckpoint);
}
