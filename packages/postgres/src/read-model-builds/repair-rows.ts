import { KirokuError, type ReadModel, type RowChanges, rowKeyText } from '@kiroku/core';
import type pg from 'pg';
import type { Pool } from '../pool.ts';
import { encodeAdvance } from '../read-models/advance-message.ts';
import { withDeclaredTables } from '../read-models/declared-tables.ts';
import { lockPartition } from '../read-models/lock-partition.ts';
import { tableOf, writeChanges } from '../read-models/rows.ts';
import { projectionSchema } from '../read-models/table-sql.ts';
import { statement } from '../statement.ts';
import { inTransaction } from '../transaction.ts';

/** Changes rows of a partition between two batches, in one transaction. Returns how many. */
export async function repairRows(
  pool: Pool,
  build: ReadModel,
  partition: number,
  repair: (checkpoint: number) => Promise<readonly RowChanges[]>,
): Promise<number> {
  const { projection } = build;
  const { name, version } = projection;
  const change = async (client: pg.PoolClient): Promise<number> => {
    if ((await lockPartition(client, build, partition)) === undefined) {
      throw new KirokuError('NotFound', `There is no partition ${partition} of build ${build.build} of ${name} version ${version}.`);
    }
    const values = [name, version, build.build, partition];
    const { rows } = await client.query<{ position: number }>({ ...statement('read_models/read_checkpoint'), values });
    const position = rows[0]?.position ?? 0;
    const changes = await repair(position);
    await writeChanges(client, { projection, schema: projectionSchema(projection, build.build) }, changes);
    const changed = Object.fromEntries(
      changes.map(({ table, upserts, deletes }) => [
        table,
        [...upserts, ...deletes].map((row) => rowKeyText(tableOf(projection, table), row)),
      ]),
    );
    const message = encodeAdvance({ projection: name, version, build: build.build, partition, position, changed });
    await client.query({ ...statement('read_model_builds/notify_repair'), values: [message] });
    return changes.reduce((sum, { upserts, deletes }) => sum + upserts.length + deletes.length, 0);
  };
  return withDeclaredTables(pool, build, () => inTransaction(pool, 'begin', change));
}
