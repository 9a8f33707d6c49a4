import { consumerStoreContract, sampleConsumer, throwAwayDatabase } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { migrate } from '../migrate/migrate.ts';
import { createPool } from '../pool.ts';
import { PostgresConsumerStore } from './postgres-consumer-store.ts';

async function make() {
  const database = await throwAwayDatabase('command_db', migrate);
  const pool = createPool({ url: database.serviceUrl, applicationName: 'kiroku-tests' });
  return {
    store: new PostgresConsumerStore({ pool }),
    pool,
    async [Symbol.asyncDispose]() {
      await pool.end();
      await database[Symbol.asyncDispose]();
    },
  };
}

consumerStoreContract('PostgresConsumerStore', make);

test('outdated positions are removed in passing', async () => {
  await using subject = await make();
  const { store, pool } = subject;
  await store.add(sampleConsumer('a'));
  const [lease] = await store.attend({ instance: 'x', leaseMs: 60_000 });
  if (lease === undefined) throw new Error('A lone process gets every consumer.');
  for (let position = 1; position <= 250; position++) await store.advance({ lease, position, kept: [] });
  const { rows } = await pool.query<{ count: number }>('select count(*) from kiroku.consumer_advances');
  expect(rows[0]?.count).toBeLessThanOrEqual(102);
  expect((await store.consumer('a')).position).toBe(250);
});
