import { type LoadedRows, type OwnedBuild, type ParkedEvent, partitionOf } from '@kiroku/core';
import type { Pool } from '../pool.ts';
import { projectionSchema } from '../read-models/table-sql.ts';
import { statement } from '../statement.ts';
import { inTransaction } from '../transaction.ts';
import { dropProgress, indexTables } from './build-tables.ts';
import { lockOwnBuild, requireBuilding } from './require-building.ts';

const parkedPerStatement = 5_000;

/** Completes a loaded build. Does nothing to one that is complete already: whoever goes on after a crash may repeat it. */
export async function finishBuild(
  pool: Pool,
  build: OwnedBuild,
  { position, parked, check = async () => undefined }: LoadedRows,
): Promise<void> {
  const { name, version } = build.projection;
  await inTransaction(pool, 'begin', async (client) => {
    await client.query('set local role kiroku_service');
    if ((await lockOwnBuild(client, build)) === 'ready') return;
    await requireBuilding(client, build);
    const schema = projectionSchema(build.projection, build.build);
    const [checked, indexed] = await Promise.allSettled([check(), indexTables(client, schema, build.projection)]);
    if (checked.status === 'rejected') throw checked.reason;
    if (indexed.status === 'rejected') throw indexed.reason;
    for (const key of indexed.value) await client.query(key);
    await dropProgress(client, schema);
    const values = [name, version, build.build, position];
    const { rows: partitions } = await client.query({ ...statement('read_model_builds/finish_build'), values });
    for (let from = 0; from < parked.length; from += parkedPerStatement) {
      const rows = parked.slice(from, from + parkedPerStatement).map((event) => parkedRow(event, partitions.length));
      await client.query({ ...statement('read_model_builds/park_keys'), values: [name, version, build.build, JSON.stringify(rows)] });
    }
  });
}

function parkedRow({ fault, ...event }: ParkedEvent, partitions: number): object {
  return { ...event, partition: partitionOf(event.keyText, partitions), ...fault };
}
