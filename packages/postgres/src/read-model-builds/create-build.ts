import { KirokuError, type LogIdentity, type OwnedBuild, type Projection } from '@kiroku/core';
import type { Pool } from '../pool.ts';
import { projectionSchema } from '../read-models/table-sql.ts';
import { statement } from '../statement.ts';
import { inTransaction } from '../transaction.ts';
import { createBuildTables } from './build-tables.ts';

/** Registers the next build of a version, and makes its empty tables. */
export async function createBuild(
  pool: Pool,
  projection: Projection,
  { log, job, epoch = 1 }: { readonly log: LogIdentity; readonly job: string; readonly epoch?: number },
): Promise<OwnedBuild> {
  const { name, version, partitions } = projection;
  return inTransaction(pool, 'begin', async (client) => {
    await client.query('set local role kiroku_service'); // whoever builds, the tables belong to the services
    await client.query({ ...statement('read_models/lock_projection'), values: [name] });
    await client.query({ ...statement('read_models/register_projection'), values: [name, version] });
    await client.query({ ...statement('read_models/register_version'), values: [name, version] });
    const values = [name, version, partitions, job, log.id, log.timeline, epoch];
    const made = await client.query<{ build: number }>({ ...statement('read_model_builds/insert_build'), values });
    const build = made.rows[0]?.build;
    if (build === undefined) {
      const underWay = await client.query<{ build: number; job: string | null }>({
        ...statement('read_model_builds/find_building'),
        values: [name, version],
      });
      throw alreadyUnderWay(projection, underWay.rows[0]?.job ?? undefined);
    }
    await createBuildTables(client, projectionSchema(projection, build), projection);
    return { projection, build, epoch };
  });
}

function alreadyUnderWay({ name, version }: Projection, job: string | undefined): KirokuError {
  return new KirokuError(
    'RebuildUnderWay',
    `${name} version ${version} is being rebuilt already, by job ${job}. Wait for it, go on with it by \`kiroku job resume ${job}\`, or drop it by \`kiroku job cancel ${job}\`.`,
    { details: { projection: name, version, job } },
  );
}
