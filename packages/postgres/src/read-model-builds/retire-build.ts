import { type BuildName, KirokuError } from '@kiroku/core';
import type pg from 'pg';
import type { Pool } from '../pool.ts';
import { projectionSchema } from '../read-models/table-sql.ts';
import { statement } from '../statement.ts';
import { inTransaction } from '../transaction.ts';
import { lockBuild } from './require-building.ts';

/** Drops the tables of a build that nobody needs, or of whichever it is; nothing if that was done. */
export async function retireBuild(
  pool: Pool,
  { projection, build }: BuildName,
  { evenIfRead = false, evenNewest = false }: { readonly evenIfRead?: boolean; readonly evenNewest?: boolean } = {},
): Promise<void> {
  const { name, version } = projection;
  await inTransaction(pool, 'begin', async (client) => {
    await client.query('set local role kiroku_service');
    const { rows } = await client.query<{ active_build: number | null }>({
      ...statement('read_model_builds/lock_version'),
      values: [name, version],
    });
    if ((await lockBuild(client, { projection, build })) === 'retired') return;
    if (rows[0]?.active_build === build && !evenIfRead) await requireUnused(client, { projection, build }, evenNewest);
    // first, so that a follower ends its batch, and finds nothing to follow afterwards
    await client.query({ ...statement('read_model_builds/retire_build'), values: [name, version, build] });
    await client.query(`drop schema if exists ${client.escapeIdentifier(projectionSchema(projection, build))} cascade`);
  });
}

async function requireUnused(
  client: pg.ClientBase,
  { projection: { name, version }, build }: BuildName,
  evenNewest: boolean,
): Promise<void> {
  const { rows } = await client.query<{ instance: string | null; newest: boolean }>({
    ...statement('read_model_builds/find_user'),
    values: [name, version],
  });
  const { instance = null, newest = true } = rows[0] ?? {};
  if (instance === null && (evenNewest || !newest)) return;
  const why = instance === null ? 'it is the newest version' : `${instance} declares this version`;
  throw new KirokuError(
    'BuildInUse',
    `Build ${build} of ${name} version ${version} is the one that queries read, and ${why}. Switch to another build first, or stop the instances that need it.`,
    { details: { projection: name, version, build, ...(instance !== null && { instance }) } },
  );
}
