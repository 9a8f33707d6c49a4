import { createPool, migrate, PostgresSchemaRegistry } from '@kiroku/postgres';
import { throwAwayDatabase } from '@kiroku/testing';
import { expect, test } from 'vitest';
import type { Installation } from '../config/installation.ts';
import { listEventSchemas } from './list-event-schemas.ts';

test('the registered schemas are listed, all or those of one type', async () => {
  await using database = await throwAwayDatabase('event_store', migrate);
  const pool = createPool({ url: database.serviceUrl, applicationName: 'kiroku-tests', max: 1 });
  const schema = (type: string, version: number) => ({ type, version, digest: 'a', jsonSchema: {} });
  await new PostgresSchemaRegistry({ pool }).register(() => [schema('Placed', 2), schema('Placed', 1), schema('Closed', 1)]);
  await pool.end();
  const installation = { databases: { event_store: database.serviceUrl } } as unknown as Installation; // all that is looked at
  expect((await listEventSchemas(installation)).map(({ type, version }) => `${type}@${version}`)).toEqual([
    'Closed@1',
    'Placed@1',
    'Placed@2',
  ]);
  expect((await listEventSchemas(installation, 'Placed')).map(({ version }) => version)).toEqual([1, 2]);
  expect(await listEventSchemas(installation, 'Nothing')).toEqual([]);
});
