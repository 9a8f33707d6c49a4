import type { ReadModelStore } from '@kiroku/core';
import { createPool, PostgresReadModelStore } from '@kiroku/postgres';
import type { DatabaseUrls } from '../config/installation.ts';
import { type OpenProjectionStores, openProjectionStores } from '../config/open-projection-stores.ts';
import type { ProjectionStores } from '../config/projection-stores.ts';

export type RebuildStores = ProjectionStores & { readonly readModels: ReadModelStore };

/** `openProjectionStores`, with what it takes to follow the log when nobody else does. */
export function openRebuildStores(databases: DatabaseUrls, options: OpenProjectionStores): RebuildStores & AsyncDisposable {
  const stores = openProjectionStores(databases, options);
  const pool = createPool({ url: databases.query_db, applicationName: options.applicationName, max: 3 });
  return {
    ...stores,
    readModels: new PostgresReadModelStore({ pool }),
    [Symbol.asyncDispose]: async () => {
      await pool.end();
      await stores[Symbol.asyncDispose]();
    },
  };
}
