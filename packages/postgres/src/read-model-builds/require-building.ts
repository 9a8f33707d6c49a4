import { type BuildName, type BuildState, KirokuError, type OwnedBuild } from '@kiroku/core';
import type pg from 'pg';
import { statement } from '../statement.ts';

/** Keeps a build in its state until the transaction ends, and says which it is. Throws `NotFound` if there is no such build. */
export async function lockBuild(client: pg.ClientBase, build: BuildName): Promise<BuildState> {
  return (await lock(client, build, 'lock_build')).state;
}

/** `lockBuild` for a run of the job that makes it. Throws `JobLost` if a later one has taken it over. */
export async function lockOwnBuild(client: pg.ClientBase, build: OwnedBuild): Promise<BuildState> {
  return requireOwn(build, await lock(client, build, 'lock_build'));
}

interface LockedBuild {
  readonly state: BuildState;
  readonly epoch: number;
}

function requireOwn(build: OwnedBuild, { state, epoch }: LockedBuild): BuildState {
  if (epoch > build.epoch) throw takenOver(build);
  return state;
}

async function lock(
  client: pg.ClientBase,
  { projection: { name, version }, build }: BuildName,
  how: 'lock_build' | 'share_build',
): Promise<LockedBuild> {
  const { rows } = await client.query<LockedBuild>({
    ...statement(`read_model_builds/${how}`),
    values: [name, version, build],
  });
  if (rows[0] !== undefined) return rows[0];
  throw new KirokuError(
    'NotFound',
    `There is no build ${build} of ${name} version ${version}. \`kiroku projection show ${name}\` lists them.`,
  );
}

/**
 * Throws `NotFound` if a build is not one that is being made: it was retired meanwhile, or is complete; `JobLost` as `lockOwnBuild`. It stays so
 * until the transaction ends; others that write the build side by side need not wait.
 */
export async function requireBuilding(client: pg.ClientBase, build: OwnedBuild): Promise<void> {
  const state = requireOwn(build, await lock(client, build, 'share_build'));
  if (state === 'building') return;
  const { name, version } = build.projection;
  throw new KirokuError(
    'NotFound',
    `Build ${build.build} of ${name} version ${version} is ${state}, so nothing can be added to it. Start a new rebuild.`,
  );
}

function takenOver({ projection: { name, version }, build }: OwnedBuild): KirokuError {
  return new KirokuError(
    'JobLost',
    `Build ${build} of ${name} version ${version} is made by a later run of its job, so this one writes it no more. \`kiroku job list\` says who runs it.`,
    { details: { projection: name, version, build } },
  );
}
