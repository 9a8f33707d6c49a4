import { throwAwayDatabase } from '@kiroku/testing';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { migrate } from '../migrate/migrate.ts';
import { PostgresEventStore } from './postgres-event-store.ts';

const tables = [
  'events',
  'events_1',
  'commits',
  'streams',
  'event_tags',
  'event_tags_1',
  'event_partitions',
  'idempotency_keys',
  'idempotency_keys_1',
  'event_ids',
  'idempotency_partitions',
  'log',
  'settings',
  'timelines',
];

describe('the role of the services', () => {
  test('reads every table of the log, and changes none but by appending', async () => {
    await using database = await throwAwayDatabase('event_store', migrate);
    await using store = new PostgresEventStore({ url: database.serviceUrl });
    await store.append({
      streams: [{ stream: 'order-1', expectedVersion: 'noStream', events: [{ type: 'Placed', data: {}, tags: ['a'] }] }],
    });
    const client = new pg.Client({ connectionString: database.serviceUrl });
    await client.connect();
    for (const table of tables) {
      await client.query(`select from kiroku.${table}`);
      await expectDenied(client, `insert into kiroku.${table} default values`);
      await expectDenied(client, `delete from kiroku.${table}`);
      await expectDenied(client, `truncate kiroku.${table}`);
      await expectDenied(client, `drop table kiroku.${table}`);
      await expectDenied(client, `alter table kiroku.${table} disable trigger all`);
    }
    await expectDenied(client, `update kiroku.events set data = '{}'`);
    await expectDenied(client, `update kiroku.commits set recorded_at = now()`);
    await expectDenied(client, `update kiroku.log set timeline = 2`);
    await expectDenied(client, 'create table kiroku.mine (id integer)');
    await expectDenied(client, 'create or replace function kiroku.append_batch() returns integer language sql return 1');
    for (const verb of ['create_event', 'create_idempotency', 'drop_idempotency'])
      await expectDenied(client, `select kiroku.${verb}_partition()`);
    await expectDenied(client, 'set role kiroku_owner');
    await client.end();
    expect((await store.readStream('order-1')).map(({ data }) => data)).toEqual([{}]);
  });

  test('cannot lead the append function to objects of its own', async () => {
    await using database = await throwAwayDatabase('event_store', migrate);
    const client = new pg.Client({ connectionString: database.serviceUrl });
    await client.connect();
    await client.query('create temporary table events (like kiroku.events)');
    await client.query('create temporary table commits (like kiroku.commits)');
    await client.query('set search_path = pg_temp');
    const appended = await client.query(
      `select positions from kiroku.append_batch(array[null]::uuid[], array[null]::text[], '{1}', '{order-1}', '{1}', '{0}', '{1}', '{1}',
         array['00000000-0000-4000-8000-000000000001']::uuid[], '{Placed}', '{1}', array['{}']::json[], array['{}']::json[], '{"{}"}',
         sha256('any'), '{}', '{}', null, '{}', '{}', '{}')`,
    );
    expect(appended.rows).toEqual([{ positions: ['1'] }]);
    expect((await client.query('select from kiroku.events')).rowCount).toBe(1);
    await client.end();
  });
});

async function expectDenied(client: pg.Client, sql: string): Promise<void> {
  await expect(client.query(sql), sql).rejects.toMatchObject({ code: '42501' });
}
