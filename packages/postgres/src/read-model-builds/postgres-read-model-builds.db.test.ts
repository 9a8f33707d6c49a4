import { ledger, type ReadModelBuildsUnderTest, readModelBuildsContract, throwAwayDatabase } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { migrate } from '../migrate/migrate.ts';
import { createPool } from '../pool.ts';
import { PostgresReadModelStore } from '../read-models/postgres-read-model-store.ts';
import { projectionSchema } from '../read-models/table-sql.ts';
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

test.each([
  { noted: 0, state: 'building' },
  { noted: 1, state: 'retired' },
])('a build of code that noted apart what it had loaded is $state if it had loaded $noted parts', async ({ noted, state }) => {
  await using database = await throwAwayDatabase('query_db', migrate);
  const pool = createPool({ url: database.serviceUrl, applicationName: 'kiroku-tests' });
  const builds = new PostgresReadModelBuilds({ pool });
  const build = await builds.create(ledger, { log: { id: crypto.randomUUID(), timeline: 1 }, job: crypto.randomUUID() });
  const note = `"${projectionSchema(ledger, build.build)}"."#loaded"`;
  await pool.query(`create table ${note} (part text primary key)`);
  await pool.query(`insert into ${note} select 'part ' || number from generate_series(1, $1::int) as number`, [noted]);
  expect(await builds.takeOver({ ...build, epoch: 2 })).toBe(state);
  const [known] = await builds.versions(ledger.name);
  expect(known?.builds.map((each) => each.state)).toEqual([state]);
  await pool.end();
});
