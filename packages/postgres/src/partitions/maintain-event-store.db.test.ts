import { randomUUID } from 'node:crypto';
import type { AppendRequest, StreamName } from '@kiroku/core';
import { throwAwayDatabase } from '@kiroku/testing';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { PostgresEventStore } from '../event-store/postgres-event-store.ts';
import { migrate } from '../migrate/migrate.ts';
import { createPool } from '../pool.ts';
import { maintainEventStore, planEventStoreMaintenance } from './maintain-event-store.ts';
import { countPartitionsAhead } from './read-partition-state.ts';
import { smallPartitions } from './small-partitions.test-log.ts';

describe('a migrated event store', () => {
  test('can append at once and needs no maintenance', async () => {
    await using database = await throwAwayDatabase('event_store', migrate);
    await using store = new PostgresEventStore({ url: database.serviceUrl });
    expect(await planEventStoreMaintenance({ url: database.maintenanceUrl })).toEqual([]);
    expect(await store.append({ ...noting('note-1'), idempotency: { commandId: randomUUID(), fingerprint: 'f' } })).toMatchObject({
      position: 1,
    });
  });
});

describe('maintenance', () => {
  test('does what it plans: partitions are ready again after the head has moved on', async () => {
    await using log = await smallPartitions({ size: 10, count: 3 });
    await using store = new PostgresEventStore({ url: log.serviceUrl });
    await store.append(noting('note-1', 25));
    expect(await ahead(log.serviceUrl)).toBe(0);
    const planned = await planEventStoreMaintenance({ url: log.maintenanceUrl });
    expect(planned).toEqual([
      { kind: 'createEventPartition', firstPosition: 31, lastPosition: 40 },
      { kind: 'createEventPartition', firstPosition: 41, lastPosition: 50 },
    ]);
    expect(await maintainEventStore({ url: log.maintenanceUrl })).toEqual({ done: planned, postponed: [] });
    expect(await ahead(log.serviceUrl)).toBe(2);
    expect(await rows(log.url, 'select first_position, last_position from kiroku.event_partitions order by number')).toEqual(
      [1, 11, 21, 31, 41].map((first) => ({ first_position: String(first), last_position: String(first + 9) })),
    );
    expect(await maintainEventStore({ url: log.maintenanceUrl })).toEqual({ done: [], postponed: [] });
  });

  test('waits for no transaction that has read or appended, and makes none wait', { timeout: 60_000 }, async () => {
    await using log = await smallPartitions({ size: 10, count: 1 });
    await using store = new PostgresEventStore({ url: log.serviceUrl });
    await onServer(log.url, async (idle) => {
      await idle.query('begin isolation level repeatable read');
      await idle.query('select count(*) from kiroku.events, kiroku.event_tags');
      const { done } = await maintainEventStore({ url: log.maintenanceUrl });
      expect(done).toHaveLength(2);
      expect(await store.append(noting('note-1', 25))).toMatchObject({ position: 25 });
      await idle.query('commit');
    });
  });

  test('of two processes at once leaves every position with one partition', async () => {
    await using log = await smallPartitions({ size: 10, count: 1 });
    await Promise.all(Array.from({ length: 4 }, () => maintainEventStore({ url: log.maintenanceUrl })));
    await using store = new PostgresEventStore({ url: log.serviceUrl });
    expect(await store.append(noting('note-1', 30))).toMatchObject({ position: 30 });
  });

  test('forgets command ids that are older than the window, and no others', async () => {
    await using database = await throwAwayDatabase('event_store', migrate);
    await using store = new PostgresEventStore({ url: database.serviceUrl });
    const recent = { ...noting('note-1'), idempotency: { commandId: randomUUID(), fingerprint: 'f' } };
    await store.append(recent);
    await rows(database.url, oldPartitions);
    const { done } = await maintainEventStore({ url: database.maintenanceUrl });
    expect(done.map(({ kind }) => kind)).toEqual(['dropIdempotencyPartition']);
    expect(await rows(database.url, 'select number from kiroku.idempotency_partitions where number < 1')).toEqual([{ number: 0 }]);
    const again = await rows(database.maintenanceUrl, 'select dropped_number from kiroku.drop_idempotency_partition()');
    expect(again).toEqual([{ dropped_number: null }]); // whoever calls it
    expect(await store.append(recent)).toMatchObject({ position: 1, duplicate: true });
  });

  test('leaves for the next time what somebody else holds for long', { timeout: 60_000 }, async () => {
    await using database = await throwAwayDatabase('event_store', migrate);
    await using store = new PostgresEventStore({ url: database.serviceUrl });
    await rows(database.url, oldPartitions);
    await onServer(database.url, async (idle) => {
      await idle.query('begin');
      await idle.query('select count(*) from kiroku.idempotency_keys');
      const maintaining = maintainEventStore({ url: database.maintenanceUrl });
      await store.append({ ...noting('note-1'), idempotency: { commandId: randomUUID(), fingerprint: 'f' } });
      expect((await maintaining).postponed).toHaveLength(1);
      await idle.query('commit');
    });
    expect((await maintainEventStore({ url: database.maintenanceUrl })).done).toHaveLength(1);
  });

  test('is for the maintenance role alone', async () => {
    await using log = await smallPartitions({ size: 10, count: 1 });
    await expect(maintainEventStore({ url: log.serviceUrl })).rejects.toMatchObject({
      code: 'ConfigurationInvalid',
      details: { sqlState: '42501' }, // by which `kiroku up` knows that trying again is of no use
    });
    await expect(rows(log.maintenanceUrl, 'drop table kiroku.events_1')).rejects.toMatchObject({ code: '42501' });
    await expect(rows(log.maintenanceUrl, 'delete from kiroku.events')).rejects.toMatchObject({ code: '42501' });
    await expect(rows(log.maintenanceUrl, `insert into kiroku.event_partitions values (9, 91, 100)`)).rejects.toMatchObject({
      code: '42501',
    });
  });
});

// number 0 ended 10 days ago, -1 ended 40 days ago
const oldPartitions = `
  with ended as (select number, now() - make_interval(days => 10 - 30 * number) as until_time from (values (0), (-1)) n (number))
  insert into kiroku.idempotency_partitions select number, until_time - interval '1 day', until_time from ended;
  do $$
  declare
    p record;
  begin
    for p in select * from kiroku.idempotency_partitions where number < 1 loop
      execute format('create table kiroku.%I partition of kiroku.idempotency_keys for values from (%L) to (%L)',
        'idempotency_keys_' || p.number, p.from_time, p.until_time);
      execute format('create table kiroku.%I partition of kiroku.event_ids for values from (%L) to (%L)',
        'event_ids_' || p.number, p.from_time, p.until_time);
      execute format('alter table kiroku.%I owner to kiroku_owner', 'idempotency_keys_' || p.number);
      execute format('alter table kiroku.%I owner to kiroku_owner', 'event_ids_' || p.number);
    end loop;
  end $$`;

function noting(stream: StreamName, count = 1): AppendRequest {
  return { streams: [{ stream, expectedVersion: 'any', events: Array.from({ length: count }, () => ({ type: 'Noted', data: {} })) }] };
}

async function ahead(url: string): Promise<number> {
  await using pool = createPool({ url, applicationName: 'kiroku-tests', max: 1 });
  return await countPartitionsAhead(pool);
}

async function rows(url: string, sql: string): Promise<readonly unknown[]> {
  let found: readonly unknown[] = [];
  await onServer(url, async (client) => {
    found = (await client.query(sql)).rows;
  });
  return found;
}

async function onServer(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
