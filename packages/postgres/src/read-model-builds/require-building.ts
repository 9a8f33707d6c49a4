import { type BuildState, KirokuError, type ReadModel } from '@kiroku/core';
import type pg from 'pg';
import { statement } from '../statement.ts';

/** Keeps a build in its state until the transaction ends, and says which it is. Throws `NotFound` if there is no such build. */
export async function lockBuild(
  client: pg.ClientBase,
  { projection, build }: Pick<ReadModel, 'build'> & { readonly projection: { readonly name: string; readonly version: number } },
): Promise<BuildState> {
  const { name, version } = projection;
  const { rows } = await client.query<{ state: BuildState }>({
    ...statement('read_model_builds/lock_build'),
    values: [name, version, build],
  });
  if (rows[0] !== undefined) return rows[0].state;
  throw new KirokuError(
    'NotFound',
    `There is no build ${build} of ${name} version ${version}. \`kiroku projection show ${name}\` lists them.`,
  );
}

/** Throws `NotFound` if a build is not one that is being made: it was retired meanwhile, or is complete. */
export async function requireBuilding(client: pg.ClientBase, build: ReadModel): Promise<void> {
  const state = await lockBuild(client, build);
  if (state === 'building') return;
  const { name, version } = build.projection;
  throw new KirokuError(
    'NotFound',
    `Build ${build.build} of ${name} version ${version} is ${state}, so nothing can be added to it. Start a new rebuild.`,
  );
}
