import { createPool, findEventsAt, findKnownIds, PostgresEventStore } from '@kiroku/postgres';
import { connectionUrls, type Installation } from '../config/installation.ts';
import type { ImportTarget } from './import-events.ts';

/** Opens the log of an installation for an import, straight from its database. */
export async function openImportTarget(installation: Installation): Promise<ImportTarget & AsyncDisposable> {
  const url = (await connectionUrls(installation, 'service')).event_store;
  const pool = createPool({ url, applicationName: 'kiroku-import', max: 2 });
  const store = new PostgresEventStore({ pool });
  return {
    store,
    findEventsAt: (places) => findEventsAt(pool, places),
    findKnownIds: (ids) => findKnownIds(pool, ids),
    [Symbol.asyncDispose]: async () => {
      await store.stop();
      await pool.end();
    },
  };
}
