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
    url: database.serviceUrl,
    async [Symbol.asyncDispose]() {
      await pool.end();
      await database[Symbol.asyncDispose]();
    },
  };
}

consumerStoreContract('PostgresConsumerStore', make);

test('consumers are taken over from a process that stands still in the middle of a write', async () => {
  await using subject = await make();
  const { store } = subject;
  await store.add(sampleConsumer('a'));
  await store.attend({ instance: 'x', leaseMs: 50 });
  const stills = createPool({ url: subject.url, applicationName: 'kiroku-tests', max: 1, standStillMs: 300 });
  const still = await stills.connect();
  await still.query('begin; select from kiroku.consumers for no key update'); // at once: it would be cut off between the two as well
  await expect.poll(() => store.attend({ instance: 'y', leaseMs: 60_000 }), { timeout: 30_000 }).toHaveLength(1);
  still.release(true);
  await stills.end();
});

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
