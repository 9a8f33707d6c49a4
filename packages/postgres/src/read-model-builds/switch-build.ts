import { setTimeout as delay } from 'node:timers/promises';
import { type BuildName, KirokuError } from '@kiroku/core';
import type pg from 'pg';
import type { Pool } from '../pool.ts';
import { statement } from '../statement.ts';
import { inTransaction } from '../transaction.ts';
import { lockBuild } from './require-building.ts';

const catchUpMs = 2_000;
const lookEveryMs = 10;

export interface SwitchOptions {
  /** Whatever keys it has parked. Default false. */
  readonly force?: boolean;
  /** Not if the active build is a later one. Default false. */
  readonly forward?: boolean;
}

/** Makes a build the one that is read. The active one stands still meanwhile, two seconds at most, so that the other can draw level. */
export async function switchBuild(pool: Pool, build: BuildName, { force = false, forward = false }: SwitchOptions = {}): Promise<void> {
  const { name, version } = build.projection;
  const values = [name, version, build.build];
  await inTransaction(pool, 'begin', async (client) => {
    const { rows } = await client.query<{ active_build: number | null }>({
      ...statement('read_model_builds/lock_version'),
      values: [name, version],
    });
    const state = await lockBuild(client, build);
    if (state !== 'ready') throw notReady(build, state);
    const active = rows[0]?.active_build ?? undefined;
    if (active === build.build) return;
    if (forward && active !== undefined && active > build.build) throw outdated(build, active);
    if (!force) await requireNoNewParked(client, build);
    if (active !== undefined) await awaitLevel(client, build, active);
    await client.query({ ...statement('read_model_builds/switch_build'), values });
  });
}

async function requireNoNewParked(client: pg.ClientBase, { projection, build }: BuildName): Promise<void> {
  const { name, version } = projection;
  const found = await client.query<{ version: number; build: number }>({
    ...statement('read_model_builds/find_read_build'),
    values: [name, version],
  });
  const [read] = found.rows;
  if (read === undefined) return;
  const values = [name, version, build, read.version, read.build];
  const { rows } = await client.query<{ keys: number }>({ ...statement('read_model_builds/count_newly_parked'), values });
  const keys = rows[0]?.keys ?? 0;
  if (keys === 0) return;
  throw new KirokuError(
    'ParkedKeys',
    `Build ${build} of ${name} version ${version} has ${keys} parked key${keys === 1 ? '' : 's'} that the one being read has not, so their rows would be lost or outdated. See \`kiroku projection parked list ${name}\`, mend the fold and rebuild; \`kiroku projection switch ${name} --build ${build} --force\` switches all the same.`,
    { details: { projection: name, version, build, keys } },
  );
}

/** Stops the followers of the active build until the transaction ends, and waits for the other to get as far. */
async function awaitLevel(client: pg.ClientBase, { projection, build }: BuildName, active: number): Promise<void> {
  const { name, version } = projection;
  await client.query({ ...statement('read_model_builds/lock_partitions'), values: [name, version, active] });
  const end = performance.now() + catchUpMs;
  for (;;) {
    const { rows } = await client.query<{ behind: number; ahead: number }>({
      ...statement('read_model_builds/compare_positions'),
      values: [name, version, build, active],
    });
    const { behind = 0, ahead = 0 } = rows[0] ?? {};
    if (behind >= ahead) return;
    if (performance.now() > end) throw notCaughtUp({ name, version, build, behind, ahead });
    await delay(lookEveryMs);
  }
}

function notReady({ projection: { name, version }, build }: BuildName, state: string): KirokuError {
  const why = state === 'retired' ? 'its tables were dropped' : 'it is still being made';
  return new KirokuError('BuildNotReady', `Build ${build} of ${name} version ${version} is ${state}: ${why}, so it cannot be read.`, {
    details: { projection: name, version, build, state },
  });
}

function outdated({ projection: { name, version }, build }: BuildName, active: number): KirokuError {
  return new KirokuError(
    'BuildOutdated',
    `Build ${active} of ${name} version ${version} is read, which is later than build ${build}, so it is not switched to. \`kiroku projection retire ${name} --build ${build} --yes\` drops it; \`kiroku projection switch ${name} --build ${build}\` switches all the same.`,
    { details: { projection: name, version, build, active } },
  );
}

function notCaughtUp(at: {
  readonly name: string;
  readonly version: number;
  readonly build: number;
  readonly behind: number;
  readonly ahead: number;
}): KirokuError {
  const { name, version, build, behind, ahead } = at;
  return new KirokuError(
    'NotCaughtUp',
    `Build ${build} of ${name} version ${version} is at position ${behind} and the one being read at ${ahead}, so queries would go back in time. See that somebody follows it (\`kiroku projection show ${name}\`), and repeat the call.`,
    { details: { projection: name, version, build, behind, ahead } },
  );
}
