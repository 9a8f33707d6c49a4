import { type AppendRequest, checkAppend, type StreamName } from '@kiroku/core';
import { throwAwayDatabase } from '@kiroku/testing';
import { describe, expect, test } from 'vitest';
import { PostgresEventStore } from '../event-store/postgres-event-store.ts';
import { migrate } from '../migrate/migrate.ts';
import { createPool } from '../pool.ts';
import { statement } from '../statement.ts';
import { Batch } from './batch.ts';
import { batchColumns } from './batch-columns.ts';
import { prepareAppend } from './prepared-append.ts';

const appendNothing = `select kiroku.append_batch(${"'{}',".repeat(14)}'','{}','{}',null,'{}','{}','{}')`;
const appendOne = `select kiroku.append_one(null, null, 'note-1', -1, gen_random_uuid(), 'Noted', 1, '{}', '{}', '{}', '')`;

describe('group commit', () => {
  test('stores what is appended in the same turn in one commit', async () => {
    await using database = await throwAwayDatabase('event_store', migrate);
    await using store = new PostgresEventStore({ url: database.serviceUrl });
    await Promise.all(range(30).map((n) => store.append(noting(`note-${n}`))));
    const commits = await rows(database.url, 'select first_position, last_position from kiroku.commits');
    expect(commits).toEqual([{ first_position: 1, last_position: 30 }]);
  });

  test('sends many in two batches, so that one is prepared while the other is stored', async () => {
    await using database = await throwAwayDatabase('event_store', migrate);
    await using store = new PostgresEventStore({ url: database.serviceUrl });
    await Promise.all(range(200).map((n) => store.append(noting(`note-${n}`))));
    const commits = await rows(database.url, 'select first_position, last_position from kiroku.commits order by last_position');
    expect(commits).toEqual([
      { first_position: 1, last_position: 100 },
      { first_position: 101, last_position: 200 },
    ]);
  });

  test('collects what comes in while a batch is on its way', async () => {
    await using database = await throwAwayDatabase('event_store', migrate);
    await using store = new PostgresEventStore({ url: database.serviceUrl });
    const first = store.append(noting('note-0'));
    await new Promise((resolve) => setImmediate(resolve)); // it has been sent
    await Promise.all([first, ...range(50).map((n) => store.append(noting(`note-${n + 1}`)))]);
    expect(await rows(database.url, 'select from kiroku.commits')).toHaveLength(2);
  });

  test.each([
    { waiting: 15, sent: 0 },
    { waiting: 16, sent: 16 },
  ])('while a batch is on its way, another is sent for many, and few wait: of $waiting, $sent are sent', async ({ waiting, sent }) => {
    await using database = await throwAwayDatabase('event_store', migrate);
    await using store = new PostgresEventStore({ url: database.serviceUrl });
    await store.append(noting('note-0')); // it is connected
    await using pool = disposable(database.url);
    const other = await pool.connect();
    await other.query('begin; lock table kiroku.commits in exclusive mode');
    let told = 0;
    const appending = (n: number) => store.append({ ...noting(`note-${n}`), onSent: () => told++ });
    const first = appending(1);
    await expect.poll(() => told).toBe(1);
    const more = range(waiting).map((n) => appending(n + 2));
    await new Promise((resolve) => setImmediate(resolve));
    expect(told - 1).toBe(sent);
    await other.query('rollback');
    other.release();
    await Promise.all([first, ...more]);
    expect(told - 1).toBe(waiting);
  });

  test('tells an append with how many others it is sent', async () => {
    await using database = await throwAwayDatabase('event_store', migrate);
    await using store = new PostgresEventStore({ url: database.serviceUrl });
    const told: number[] = [];
    await Promise.all(range(3).map((n) => store.append({ ...noting(`note-${n}`), onSent: ({ appends }) => told.push(appends) })));
    expect(told).toEqual([3, 3, 3]);
  });

  test('lets an append that PostgreSQL refuses fail alone', async () => {
    await using database = await throwAwayDatabase('event_store', migrate);
    await rows(database.url, refusePoison);
    await using store = new PostgresEventStore({ url: database.serviceUrl });
    const settled = await Promise.allSettled(
      range(40).map((n) => store.append(noting(`note-${n}`, n === 17 || n === 18 ? 'Poison' : 'Noted'))),
    );
    expect(settled.flatMap(({ status }, n) => (status === 'rejected' ? n : []))).toEqual([17, 18]);
    expect(settled[17]).toMatchObject({ reason: { code: 'Internal' } });
    expect((await store.head()).position).toBe(38);
  });

  test('refuses what would make a stream longer than a version can count, and nothing else of the batch', async () => {
    await using database = await throwAwayDatabase('event_store', migrate);
    await using store = new PostgresEventStore({ url: database.serviceUrl });
    await store.append(noting('note-1'));
    await rows(database.url, 'alter table kiroku.events disable trigger all; update kiroku.events set version = 2147483647');
    const settled = await Promise.allSettled(['note-0', 'note-1', 'note-2'].map((stream) => store.append(noting(stream as StreamName))));
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(settled[1]).toMatchObject({ reason: { code: 'PositionOverflow' } });
  });

  test('keeps the order of the calls when PostgreSQL refuses a batch and the next is on its way', async () => {
    await using database = await throwAwayDatabase('event_store', migrate);
    await rows(database.url, refusePoison);
    await using store = new PostgresEventStore({ url: database.serviceUrl });
    const poisoned = [3, 90, 399];
    const settled = await Promise.allSettled(
      range(400).map(async (n) => {
        if (n >= 200) await new Promise((resolve) => setImmediate(resolve)); // while the first are on their way
        return store.append(noting(`note-${n}`, poisoned.includes(n) ? 'Poison' : 'Noted'));
      }),
    );
    expect(settled.flatMap(({ status }, n) => (status === 'rejected' ? n : []))).toEqual(poisoned);
    const positions = settled.flatMap((each) => (each.status === 'fulfilled' ? each.value.position : []));
    expect(positions).toEqual(range(397).map((n) => n + 1));
  });

  test('refuses what exceeds its queue, and takes appends again afterwards', async () => {
    await using database = await throwAwayDatabase('event_store', migrate);
    await using store = new PostgresEventStore({ url: database.serviceUrl, append: { maxWaiting: 3 } });
    const settled = await Promise.allSettled(range(5).map((n) => store.append(noting(`note-${n}`))));
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'rejected']);
    expect(settled[4]).toMatchObject({ reason: { code: 'Overloaded', retryable: true } });
    expect(await store.append(noting('note-9'))).toMatchObject({ position: 4 });
  });

  test('finishes what waits when it stops', async () => {
    await using database = await throwAwayDatabase('event_store', migrate);
    const store = new PostgresEventStore({ url: database.serviceUrl });
    const appends = Promise.all(range(3_000).map((n) => store.append(noting(`note-${n % 7}`))));
    await store.stop();
    expect(new Set((await appends).map(({ position }) => position)).size).toBe(3_000);
  });

  test('says that the database cannot be reached', async () => {
    await using store = new PostgresEventStore({ url: 'postgres://kiroku_service@127.0.0.1:1/event_store' });
    await expect(store.append(noting('note-1'))).rejects.toMatchObject({ code: 'DatabaseUnavailable', retryable: true });
    await expect(store.head()).rejects.toMatchObject({ code: 'DatabaseUnavailable' });
  });

  test.each([appendNothing, appendOne])('refuses to run in a transaction that cannot see the appends before it: %s', async (append) => {
    await using database = await throwAwayDatabase('event_store', migrate);
    await expect(rows(database.serviceUrl, append)).resolves.toHaveLength(1);
    await expect(rows(database.serviceUrl, `begin isolation level repeatable read; ${append}; commit`)).rejects.toMatchObject({
      code: 'KR004',
    });
  });

  test('waits for the append before it to be committed, and sees what that one stored', async () => {
    await using database = await throwAwayDatabase('event_store', migrate);
    await using store = new PostgresEventStore({ url: database.serviceUrl });
    await using pool = disposable(database.serviceUrl);
    const other = await pool.connect();
    await other.query('begin');
    const first = new Batch();
    first.tryAdd(prepareAppend(checkAppend(noting('note-1'))));
    await other.query({ ...statement('append/append_batch'), values: [...batchColumns(first), 0, 1] });
    const second = store.append({ ...noting('note-2'), conditions: [{ query: [{ types: ['Noted'] }], after: 0 }] });
    const state = await Promise.race([second.catch(() => 'answered'), new Promise((resolve) => setTimeout(resolve, 200, 'waiting'))]);
    expect(state).toBe('waiting');
    await other.query('commit');
    other.release();
    await expect(second).rejects.toMatchObject({ code: 'Conflict' });
    expect((await store.head()).position).toBe(1);
  });

  test.each([appendNothing, appendOne])('keeps its word with synchronous_commit off: %s', async (append) => {
    await using database = await throwAwayDatabase('event_store', migrate);
    await using pool = disposable(database.serviceUrl);
    const client = await pool.connect();
    await client.query('set synchronous_commit = off');
    await client.query('begin');
    await client.query(append);
    expect((await client.query('show synchronous_commit')).rows).toEqual([{ synchronous_commit: 'on' }]); // at the commit
    await client.query('rollback');
    client.release();
  });
});

const refusePoison = `
  create function kiroku.refuse() returns trigger language plpgsql as $$ begin raise 'poison' using errcode = '22000'; end $$;
  create trigger refuse before insert on kiroku.events for each row when (new.type = 'Poison') execute function kiroku.refuse()`;

function noting(stream: StreamName, type = 'Noted'): AppendRequest {
  return { streams: [{ stream, expectedVersion: 'any', events: [{ type, data: {} }] }] };
}

function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, n) => n);
}

async function rows(url: string, sql: string): Promise<readonly unknown[]> {
  await using pool = disposable(url);
  return (await pool.query(sql)).rows;
}

function disposable(url: string) {
  const pool = createPool({ url, applicationName: 'kiroku-tests', max: 1 });
  return Object.assign(pool, { [Symbol.asyncDispose]: () => pool.end() });
}
