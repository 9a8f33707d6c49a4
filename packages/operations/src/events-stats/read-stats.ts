import { createPool, type LogStats, readLogStats } from '@kiroku/postgres';
import { connectionUrls, type Installation } from '../config/installation.ts';

/** Figures about the log, straight from its database. Figures that are estimates say so; `exact` reads the whole log to have none. */
export async function readStats(installation: Installation, { exact }: { readonly exact: boolean }): Promise<LogStats> {
  const url = (await connectionUrls(installation, 'service')).event_store;
  await using pool = createPool({ url, applicationName: 'kiroku-cli', max: 1 });
  return await readLogStats(pool, { exact });
}
