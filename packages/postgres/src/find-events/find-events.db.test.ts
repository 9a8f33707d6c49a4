import type { AppendRequest, StreamName } from '@kiroku/core';
import { throwAwayDatabase } from '@kiroku/testing';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { PostgresEventStore } from '../event-store/postgres-event-store.ts';
import { migrate } from '../migrate/migrate.ts';
import { smallPartitions } from '../partitions/small-partitions.test-log.ts';
import { createPool } from '../pool.ts';
import { statement } from '../statement.ts';
import { findCommandPosition } from './find-command-position.ts';
import { findCorrelatedEvents } from './find-correlated-events.ts';
import { findEventsAt } from './find-events-at.ts';
import { findKnownIds } from './find-known-ids.ts';
import { findLastInCategories } from './find-last-in-categories.ts';
import { findLastOfTypes } from './find-last-of-types.ts';
import { findLastOfTypesIn } from './find-last-of-types-in.ts';
import { findSentCommands } from './find-sent-commands.ts';

const commandId = '0193a1b2-0000-7000-8000-000000000001';

const moved = (n: number): AppendRequest => ({
  streams: [
    {
      stream: `order-${n % 2}`,
      expectedVersion: 'any',
      events: [{ type: 'Moved', data: { n }, metadata: { correlationId: `c${n % 3}` } }],
    },
  ],
  ...(n === 4 && { idempotency: { commandId, fingerprint: 'move' } }),
});

async function logAcrossPartitions() {
  const database = await smallPartitions({ size: 3, count: 4 });
  await using store = new PostgresEventStore({ url: database.serviceUrl });
  for (let n = 0; n < 9; n++) await store.append(moved(n));
  const pool = createPool({ url: database.serviceUrl, applicationName: 'kiroku-tests', max: 2 });
  return {
    pool,
    url: database.url,
    [Symbol.asyncDispose]: async () => {
      await pool.end();
      await database[Symbol.asyncDispose]();
    },
  };
}

describe('in a log of several partitions', () => {
  test('events are found by their correlation id, in order, before and after their pages are summarised', async () => {
    await using log = await logAcrossPartitions();
    const positions = async () => (await findCorrelatedEvents(log.pool, 'c1', 10)).map(({ position }) => position);
    expect(await positions()).toEqual([2, 5, 8]);
    await vacuum(log.url);
    expect(await positions()).toEqual([2, 5, 8]);
    expect((await findCorrelatedEvents(log.pool, 'c1', 2)).map(({ position }) => position)).toEqual([2, 5]);
    expect(await findCorrelatedEvents(log.pool, 'nothing', 10)).toEqual([]);
  });

  test('events are found by their places, and places without one are told', async () => {
    await using log = await logAcrossPartitions();
    const places = [
      { stream: 'order-1', version: 4 },
      { stream: 'order-1', version: 5 },
      { stream: 'order-0', version: 5 },
    ];
    const found = await findEventsAt(log.pool, places);
    expect(found.map((event) => event && { position: event.position, data: event.data })).toEqual([
      { position: 8, data: '{"n":7}' },
      undefined,
      { position: 9, data: '{"n":8}' },
    ]);
  });

  test('the last events of types are found by their index, and no other is read', async () => {
    await using log = await logAcrossPartitions();
    await using store = new PostgresEventStore({ url: log.url });
    const events = ['Left', 'Moved', 'Left'].map((type) => ({ type, data: {} }));
    await store.append({ streams: [{ stream: 'order-2', expectedVersion: 'any', events }] });
    expect(await findLastOfTypes(log.pool, { types: ['Left'], until: 12, limit: 5 })).toEqual([10, 12]);
    expect(await findLastOfTypes(log.pool, { types: ['Moved', 'Left'], until: 11, limit: 3 })).toEqual([9, 10, 11]);
    await log.pool.query('set enable_seqscan = off');
    const { rows } = await log.pool.query(`explain (analyze, format json) ${statement('find_events/find_last_of_types').text}`, [
      ['Left'],
      12,
      5,
    ]);
    expect(JSON.stringify(rows)).not.toMatch(/"Rows Removed by (Index Recheck|Filter)":[1-9]/);
  });

  test('the last events of categories are found in the index on streams, unless there are many', async () => {
    await using log = await logAcrossPartitions();
    await using store = new PostgresEventStore({ url: log.url });
    const append = (stream: StreamName) =>
      store.append({ streams: [{ stream, expectedVersion: 'any', events: [{ type: 'Moved', data: {} }] }] });
    for (const stream of ['orders-1', 'order-9', 'note-1'] as const) await append(stream);
    expect(await findLastInCategories(log.pool, { categories: ['note'], until: 12, limit: 5 })).toEqual([12]);
    expect(await findLastInCategories(log.pool, { categories: ['order', 'note', 'note'], until: 12, limit: 3 })).toEqual([9, 11, 12]);
    expect(await findLastInCategories(log.pool, { categories: ['order'], until: 10, limit: 2 })).toEqual([8, 9]);
    expect(await findLastInCategories(log.pool, { categories: ['none'], until: 12, limit: 5 })).toEqual([]);
    expect(await findLastInCategories(log.pool, { categories: ['order'], until: 12, limit: 5 }, { most: 9 })).toBeUndefined();
    await log.pool.query('set enable_seqscan = off; set enable_bitmapscan = off');
    const { text } = statement('find_events/find_last_in_categories');
    const { rows } = await log.pool.query(`explain (analyze, format json) ${text}`, [['note'], 12, 5, 100, null]);
    expect(JSON.stringify(rows)).toContain('"Index Only Scan"');
    expect(JSON.stringify(rows)).not.toMatch(/"Rows Removed by (Index Recheck|Filter)":[1-9]/);
  });

  test('the last events of types in categories are those that reading the log finds, whichever of both is rare', async () => {
    await using log = await logAcrossPartitions();
    await using store = new PostgresEventStore({ url: log.url });
    for (const [stream, type] of [
      ['orders-1', 'Moved'],
      ['note-1', 'Moved'],
      ['note-1', 'Left'],
    ] as const)
      await store.append({ streams: [{ stream, expectedVersion: 'any', events: [{ type, data: {} }] }] });
    for (const categories of [['order'], ['orders', 'note'], ['note', 'note'], ['none']]) {
      for (const types of [['Moved'], ['Left'], ['Moved', 'Left'], ['None']]) {
        for (const until of [12, 11, 8]) {
          const read = await store.readLog({ after: 0, until, filter: { types, categories } });
          const last = read.events.map(({ position }) => position).slice(-2);
          const wanted = { types, categories, until, limit: 2 };
          expect(await findLastOfTypesIn(log.pool, wanted)).toEqual(last);
          expect(await findLastOfTypesIn(log.pool, wanted, { lookedAt: [1, 3] })).toEqual(last);
          expect(await findLastOfTypesIn(log.pool, wanted, { lookedAt: [] })).toEqual(last);
        }
      }
    }
    const many = { types: ['Moved'], categories: ['order'], until: 12, limit: 5 };
    expect(await findLastOfTypesIn(log.pool, many, { lookedAt: [5], most: 8 })).toBeUndefined();
  });

  test('a command is found by its id', async () => {
    await using log = await logAcrossPartitions();
    expect(await findCommandPosition(log.pool, commandId)).toBe(5);
    expect(await findCommandPosition(log.pool, commandId.replace(/1$/, '2'))).toBeUndefined();
  });
});

test('a look-up by correlation id reads the summaries, not the log', async () => {
  await using database = await throwAwayDatabase('event_store', migrate);
  await using store = new PostgresEventStore({ url: database.serviceUrl });
  const padding = 'x'.repeat(500);
  for (let n = 0; n < 8; n++) {
    const events = Array.from({ length: 1_000 }, (_, i) => ({
      type: 'Moved',
      data: { padding },
      metadata: { correlationId: `c${n}-${i}` },
    }));
    await store.append({ streams: [{ stream: `order-${n}`, expectedVersion: 'any', events }] });
  }
  await vacuum(database.url);
  const client = new pg.Client({ connectionString: database.serviceUrl });
  await client.connect();
  await client.query('set enable_seqscan = off');
  const { text } = statement('find_events/find_correlated_events');
  const explained = await client.query(`explain (analyze, format json) ${text}`, ['c3-500', 10]);
  await client.end();
  const readInVain = [...JSON.stringify(explained.rows).matchAll(/"Rows Removed by (?:Index Recheck|Filter)":(\d+)/g)].map(([, rows]) =>
    Number(rows),
  );
  expect(readInVain.reduce((sum, rows) => sum + rows, 0)).toBeLessThan(1_500);
});

async function vacuum(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('vacuum kiroku.events');
  await client.end();
}

test('what process instances have sent in a correlation is found by any command of theirs, also what was refused', async () => {
  await using database = await throwAwayDatabase('command_db', migrate);
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const ids = [1, 2, 3, 4, 5].map((n) => `0193a1b2-0000-7000-8000-00000000000${n}`);
  const refused = { accepted: false, rejection: { code: 'OutOfStock' } };
  for (const [id, instance, correlationId, outcome, processManager = 'fulfilment'] of [
    [ids[1], 'order-1', 'c1', { accepted: true, position: 1 }],
    [ids[3], 'order-2', 'c1', undefined],
    [ids[0], 'order-1', 'c1', refused],
    [ids[2], 'order-1', 'c2', undefined],
    [ids[4], 'order-1', 'c1', undefined, 'billing'],
  ] as const) {
    await client.query(
      `insert into kiroku.outgoing_commands (id, process_manager, instance, type, data, metadata, outcome, settled_at)
       values ($1, $5, $2, 'Reserve', '{}', $3, $4, case when $4::jsonb is not null then now() end)`,
      [id, instance, { correlationId }, outcome, processManager],
    );
  }
  await client.query('update kiroku.outgoing_commands set attempts = 1 where id = $1', [ids[1]]); // it is the last in the table by now
  await client.end();
  const pool = createPool({ url: database.serviceUrl, applicationName: 'kiroku-tests', max: 1 });
  const found = await findSentCommands(pool, ids.slice(0, 3), 'c1');
  expect(found.map(({ id }) => id)).toEqual([ids[1], ids[0]]);
  expect(await findSentCommands(pool, ids.slice(2, 3), 'c1')).toEqual(found);
  expect(found[1]).toMatchObject({ type: 'Reserve', metadata: { correlationId: 'c1' }, outcome: refused });
  expect((await findSentCommands(pool, ids.slice(0, 4), 'c1')).map(({ id }) => id)).toEqual([ids[1], ids[3], ids[0]]);
  expect(await findSentCommands(pool, [], 'c1')).toEqual([]);
  await pool.end();
});

test('ids that events have are told apart from those that none has', async () => {
  await using log = await logAcrossPartitions();
  const { rows } = await log.pool.query<{ id: string }>('select id from kiroku.events where position in (1, 9)');
  const ids = rows.map(({ id }) => id);
  expect(await findKnownIds(log.pool, [...ids, commandId])).toEqual(new Set(ids));
});
