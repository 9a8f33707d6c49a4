import type { JobStore } from '@kiroku/core';
import { createPool, PostgresJobStore } from '@kiroku/postgres';
import { connectionUrls, type Installation } from '../config/installation.ts';

/** Opens the jobs of an installation straight from their database, so that they can be run and steered with every service down. */
export async function openJobs(installation: Installation): Promise<JobStore & AsyncDisposable> {
  const url = (await connectionUrls(installation, 'service')).command_db;
  const pool = createPool({ url, applicationName: 'kiroku-cli', max: 2 });
  return Object.assign(new PostgresJobStore({ pool }), { [Symbol.asyncDispose]: () => pool.end() });
}
