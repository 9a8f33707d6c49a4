import { createPool, type Pool } from '@kiroku/postgres';
import { connectionUrls, type Installation } from '../config/installation.ts';

/** Works on the sagas of an installation straight in their database, so that they can be seen and steered with every service down. */
export async function withSagas<T>(installation: Installation, work: (pool: Pool) => Promise<T>): Promise<T> {
  const url = (await connectionUrls(installation, 'service')).command_db;
  const pool = createPool({ url, applicationName: 'kiroku-cli', max: 3 });
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
}
