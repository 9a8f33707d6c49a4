import { type ReadModelBuildsUnderTest, readModelBuildsContract, throwAwayDatabase } from '@kiroku/testing';
import { migrate } from '../migrate/migrate.ts';
import { createPool } from '../pool.ts';
import { PostgresReadModelStore } from '../read-models/postgres-read-model-store.ts';
import { PostgresReadModelBuilds } from './postgres-read-model-builds.ts';

readModelBuildsContract('PostgreSQL', async (): Promise<ReadModelBuildsUnderTest> => {
  const database = await throwAwayDatabase('query_db', migrate);
  const pool = createPool({ url: database.serviceUrl, applicationName: 'kiroku-tests' });
  return {
    builds: new PostgresReadModelBuilds({ pool }),
    store: new PostgresReadModelStore({ pool }),
    [Symbol.asyncDispose]: async () => {
      await pool.end();
      await database[Symbol.asyncDispose]();
    },
  };
});
