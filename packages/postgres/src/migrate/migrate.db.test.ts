import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { throwAwayDatabase } from '@kiroku/testing';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createPool } from '../pool.ts';
import { statement } from '../statement.ts';
import { type MigrateOptions, migrate } from './migrate.ts';
import { migrationStatus } from './migration-status.ts';
import { requireMigrated } from './require-migrated.ts';

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kiroku-migrations-'));
});
beforeEach(async () => {
  await rm(join(directory, 'command_db'), { recursive: true, force: true });
  await mkdir(join(directory, 'command_db'));
  await write('0001_create_notes.sql', 'create table kiroku.notes (id int primary key);');
  await write('0002_grow_notes.sql', 'alter table kiroku.notes add text text; insert into kiroku.notes values (1);');
});
afterAll(() => rm(directory, { recursive: true }));

const write = (name: string, sql: string) => writeFile(join(directory, 'command_db', name), sql);
const ours = (url: string): MigrateOptions => ({ database: 'command_db', url, directory });
const empty = () =>
  throwAwayDatabase('command_db', ({ database, url }) => migrate({ database, url, directory: emptyDirectory }), { template: 'empty' });
let emptyDirectory: string;
beforeAll(async () => {
  emptyDirectory = await mkdtemp(join(tmpdir(), 'kiroku-no-migrations-'));
  for (const database of ['event_store', 'command_db', 'query_db']) await mkdir(join(emptyDirectory, database));
});
afterAll(() => rm(emptyDirectory, { recursive: true }));

async function rows(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test('migrations are applied in order, once, and told as they commit', async () => {
  await using database = await empty();
  const told: string[] = [];
  await migrate({ ...ours(database.url), onApplied: ({ name }) => told.push(name) });
  expect(await migrate(ours(database.url))).toEqual([]);
  expect(told).toEqual(['create_notes', 'grow_notes']);
});

test('of several processes that migrate at once, one does and the others find it done', async () => {
  await using database = await empty();
  const applied = await Promise.all(Array.from({ length: 6 }, () => migrate(ours(database.url))));
  expect(applied.map(({ length }) => length).sort()).toEqual([0, 0, 0, 0, 0, 2]);
  expect(await rows(database.url, 'select * from kiroku.notes')).toHaveLength(1);
});

test('a database that has nothing pending is not marked as being migrated, whoever else has marked it', async () => {
  await using database = await empty();
  await migrate(ours(database.url));
  const other = new pg.Client(database.url);
  await other.connect();
  await other.query(statement('migrate/lock_migrations').text);
  expect(await migrate(ours(database.url))).toEqual([]); // it does not wait for the mark, so it does not ask for it
  await write('0003_shrink_notes.sql', 'alter table kiroku.notes drop text;');
  const migrating = migrate(ours(database.url));
  await expect.poll(() => rows(database.url, waiting)).toEqual([{ count: 1 }]);
  await other.end();
  expect(await migrating).toMatchObject([{ name: 'shrink_notes' }]);
});

const waiting = `select count(*)::int from pg_locks where locktype = 'advisory' and not granted and database =
  (select oid from pg_database where datname = current_database())`;

test('an edited migration is refused and nothing is applied', async () => {
  await using database = await empty();
  await migrate(ours(database.url));
  await write('0001_create_notes.sql', 'create table kiroku.notes (id bigint primary key);');
  await write('0003_more.sql', 'create table kiroku.more ();');
  await expect(migrate(ours(database.url))).rejects.toMatchObject({ code: 'MigrationChanged' });
  expect((await rows(database.url, `select to_regclass('kiroku.more') as more`))[0]).toEqual({ more: null });
});

test('a database that has migrations the code does not know is refused', async () => {
  await using database = await empty();
  await migrate(ours(database.url));
  await rm(join(directory, 'command_db', '0002_grow_notes.sql'));
  await expect(migrate(ours(database.url))).rejects.toMatchObject({ code: 'SchemaTooNew' });
});

test('a migration that fails leaves nothing of itself and keeps those before it', async () => {
  await using database = await empty();
  await write('0003_broken.sql', 'create table kiroku.half (); select 1 / 0;');
  await expect(migrate(ours(database.url))).rejects.toThrow(/Migration 3 \(broken\).*division by zero/);
  const status = await migrationStatus(ours(database.url));
  expect(status.applied.map(({ number }) => number)).toEqual([1, 2]);
  expect((await rows(database.url, `select to_regclass('kiroku.half') as half`))[0]).toEqual({ half: null });
});

test('a gap in the numbers is refused', async () => {
  await using database = await empty();
  await write('0004_gap.sql', 'select 1;');
  await expect(migrate(ours(database.url))).rejects.toMatchObject({ code: 'ConfigurationInvalid' });
});

test('what a migration creates belongs to the owner, whoever migrates', async () => {
  await using database = await empty();
  await migrate(ours(database.url));
  const owners = await rows(database.url, `select distinct tableowner from pg_tables where schemaname = 'kiroku'`);
  expect(owners).toEqual([{ tableowner: 'kiroku_owner' }]);
});

test('the role of services may not migrate, and is told as whom to connect', async () => {
  await using database = await empty();
  const refusal = migrate(ours(database.serviceUrl));
  await expect(refusal).rejects.toMatchObject({
    code: 'ConfigurationInvalid',
    message: expect.stringContaining('kiroku_owner or as a superuser'),
  });
});

test('a service refuses to start on a database that lacks a migration, and says what to run', async () => {
  await using database = await empty();
  await using pool = createPool({ url: database.serviceUrl, applicationName: 'kiroku-tests' });
  const refusal = requireMigrated({ database: 'command_db', pool, directory });
  await expect(refusal).rejects.toMatchObject({ code: 'SchemaTooOld', message: expect.stringContaining('kiroku migrate') });
  await migrate(ours(database.url));
  await expect(requireMigrated({ database: 'command_db', pool, directory })).resolves.toBeUndefined();
});

test('the shipped migrations of every database apply', async () => {
  for (const kind of ['event_store', 'command_db', 'query_db'] as const) {
    await using database = await throwAwayDatabase(kind, migrate);
    const status = await migrationStatus({ database: kind, url: database.url });
    expect(status.pending).toEqual([]);
  }
});
