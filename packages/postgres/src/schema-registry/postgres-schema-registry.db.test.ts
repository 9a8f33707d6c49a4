import { schemaRegistryContract, throwAwayDatabase } from '@kiroku/testing';
import pg from 'pg';
import { expect, test } from 'vitest';
import { PostgresEventStore } from '../event-store/postgres-event-store.ts';
import { migrate } from '../migrate/migrate.ts';
import { createPool } from '../pool.ts';
import { PostgresSchemaRegistry } from './postgres-schema-registry.ts';

schemaRegistryContract('PostgresSchemaRegistry', async () => {
  const database = await throwAwayDatabase('event_store', migrate);
  const pool = createPool({ url: database.serviceUrl, applicationName: 'kiroku-tests' });
  const eventStore = new PostgresEventStore({ pool });
  return {
    registry: new PostgresSchemaRegistry({ pool }),
    eventStore,
    [Symbol.asyncDispose]: async () => {
      await eventStore.stop();
      await pool.end();
      await database[Symbol.asyncDispose]();
    },
  };
});

test('the role of the services cannot make a registered schema disappear', async () => {
  await using database = await throwAwayDatabase('event_store', migrate);
  const client = new pg.Client({ connectionString: database.serviceUrl });
  await client.connect();
  for (const sql of ['delete from kiroku.event_schemas', 'truncate kiroku.event_schemas', 'drop table kiroku.event_schemas']) {
    await expect(client.query(sql), sql).rejects.toMatchObject({ code: '42501' });
  }
  await client.end();
});
