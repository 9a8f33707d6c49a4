import type { AppendRequest } from '@kiroku/core';
import { throwAwayDatabase } from '@kiroku/testing';
import pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { migrate } from '../migrate/migrate.ts';
import { PostgresEventStore } from './postgres-event-store.ts';

const eventCount = 20_000;

describe.each([
  ['just loaded', async () => {}],
  ['vacuumed and analysed', vacuum],
])('on a log of 20,000 events, %s,', (_, prepare) => {
  let database: Awaited<ReturnType<typeof throwAwayDatabase>>;

  beforeAll(async () => {
    database = await throwAwayDatabase('event_store', migrate);
    await stopAutovacuum(database.url);
    await using store = new PostgresEventStore({ url: database.serviceUrl });
    for (let n = 0; n < eventCount; n += 1_000) await store.append(thousandEvents(n));
    await prepare(database.url);
    return () => database[Symbol.asyncDispose]();
  });

  test.each<[string, number, (store: PostgresEventStore) => Promise<unknown>]>([
    ['an append', 20, (store) => store.append(placing('order-new'))],
    ['an append with conditions', 40, (store) => store.append({ ...placing('order-other'), conditions })],
    ['a repeated command', 20, (store) => store.append(placing('order-new'))],
    ['the end of a stream', 20, (store) => store.readStream('order-77', { direction: 'backward', limit: 3 })],
    ['a stream from a version', 20, (store) => store.readStream('order-77', { fromVersion: 8 })],
    [
      'ten streams at the same time',
      200,
      (store) => Promise.all(Array.from({ length: 10 }, (_, n) => store.readStream(`order-${n}`, { fromVersion: 8 }))),
    ],
    [
      'a page of the log',
      60,
      (store) => store.readLog({ after: 12_000, pageSize: 20, filter: { types: ['Placed'], tags: ['customer:3'] } }),
    ],
    [
      'a query by tags and by types',
      100,
      (store) => store.query([{ tags: ['order:4'] }, { types: ['Placed'], tags: ['order:5'] }, { types: ['Rare'] }]),
    ],
    ['a query for nothing', 10, (store) => store.query([])],
    ['the head', 10, (store) => store.head()],
    ['the position at a time', 60, (store) => store.positionAt(new Date().toISOString())],
    ['a command', 10, (store) => store.findCommand({ commandId, fingerprint: 'place' })],
  ])('%s touches at most %i index entries and scans no table', async (_, entries, work) => {
    const before = await touched(database.url);
    await using store = new PostgresEventStore({ url: database.serviceUrl });
    await work(store);
    await store.stop(); // its connections report what they did when they end
    const after = await touched(database.url);
    expect(after.scans - before.scans).toBe(0);
    expect(after.entries - before.entries).toBeLessThanOrEqual(entries);
  });
});

test('on a log of three events, plans are already those for millions', async () => {
  await using database = await throwAwayDatabase('event_store', migrate);
  await using seeding = new PostgresEventStore({ url: database.serviceUrl });
  await seeding.append({
    streams: [{ stream: 'order-1', expectedVersion: 'any', events: thousandEvents(0).streams[0]?.events.slice(0, 3) ?? [] }],
  });
  await seeding.stop();
  await vacuum(database.url);
  const before = await touched(database.url);
  await using store = new PostgresEventStore({ url: database.serviceUrl, maxConnections: 1 });
  for (let n = 0; n < 10; n++) {
    await store.append({ ...placing('order-2'), conditions });
    await store.readStream('order-1');
    await store.readLog();
    await store.query(conditions[0]?.query ?? []);
    await store.head();
    await store.positionAt('2026-01-01');
    await store.findCommand({ commandId, fingerprint: 'place' });
  }
  await store.stop();
  expect((await touched(database.url)).scans - before.scans).toBe(0);
});

const commandId = '00000000-0000-4000-8000-000000000001';

const conditions = [
  { query: [{ tags: ['order:1', 'customer:1'] }, { types: ['Rare'] }, { types: ['Placed'], tags: ['customer:1'] }], after: eventCount - 2 },
];

function placing(stream: `order-${string}`): AppendRequest {
  return {
    streams: [{ stream, expectedVersion: 'any', events: [{ type: 'Noted', data: {}, tags: ['order:none'] }] }],
    ...(stream === 'order-new' && { idempotency: { commandId, fingerprint: 'place' } }),
  };
}

/** 100 streams of ten events each. */
function thousandEvents(first: number): AppendRequest {
  return {
    streams: Array.from({ length: 100 }, (_, stream) => ({
      stream: `order-${first / 10 + stream}` as const,
      expectedVersion: 'noStream' as const,
      events: Array.from({ length: 10 }, (_, n) => ({
        type: first === 3_000 && stream === 7 && n === 7 ? 'Rare' : n === 0 ? 'Placed' : 'Noted',
        data: {},
        tags: [`order:${first / 10 + stream}`, `customer:${stream % 10}`],
      })),
    })),
  };
}

async function touched(url: string): Promise<{ readonly scans: number; readonly entries: number }> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await waitForOthersToEnd(client);
  const { rows } = await client.query(
    `select (select sum(seq_scan) from pg_stat_user_tables where schemaname = 'kiroku' and relname not in ('log', 'migrations')) as scans,
       (select sum(idx_tup_read) from pg_stat_user_indexes where schemaname = 'kiroku') as entries`,
  );
  await client.end();
  return { scans: Number(rows[0].scans), entries: Number(rows[0].entries) };
}

async function vacuum(url: string): Promise<void> {
  await asOwner(url, 'vacuum analyze');
}

/** A vacuum that summarises pages for events_correlation counts as scans of the table, as if a statement had read it. */
async function stopAutovacuum(url: string): Promise<void> {
  await asOwner(
    url,
    `do $$
    declare t regclass;
    begin
      for t in select oid from pg_class where relnamespace = 'kiroku'::regnamespace and relkind = 'r' loop
        execute format('alter table %s set (autovacuum_enabled = off)', t);
      end loop;
    end $$`,
  );
}

async function asOwner(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql);
  await client.end();
}

async function waitForOthersToEnd(client: pg.Client): Promise<void> {
  const others = `select from pg_stat_activity where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()`;
  while ((await client.query(others)).rowCount !== 0) await new Promise((resolve) => setTimeout(resolve, 5));
}
