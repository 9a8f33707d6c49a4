import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LogIdentity } from '@kiroku/core';
import { ledger, throwAwayDatabase } from '@kiroku/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate } from '../migrate/migrate.ts';
import { createPool } from '../pool.ts';
import { planTables } from './plan-tables.ts';
import { PostgresReadModelStore } from './postgres-read-model-store.ts';

const log: LogIdentity = { id: '0199f0a0-0000-7000-8000-000000000001', timeline: 1 };
const shipped = fileURLToPath(new URL('../../migrations/query_db/0001_read_models.sql', import.meta.url));
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kiroku-before-builds-'));
  await mkdir(join(directory, 'query_db'));
  await cp(shipped, join(directory, 'query_db', '0001_read_models.sql'));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

/** A query_db as it was before read models had builds, with a row and a checkpoint. */
async function oldDatabase() {
  const database = await throwAwayDatabase('query_db', ({ database: kind, url }) => migrate({ database: kind, url, directory }), {
    template: 'query_db_before_builds',
  });
  const pool = createPool({ url: database.serviceUrl, applicationName: 'kiroku-tests' });
  await pool.query('create schema contract_ledger_v1');
  for (const ddl of planTables('contract_ledger_v1', ledger)) await pool.query(ddl);
  await pool.query(`insert into contract_ledger_v1.day (day, account, entries) values ('2026-11-24', 'ann', 3)`);
  await pool.query(`insert into kiroku.projections (name, active_version) values ('contract-ledger', 1)`);
  await pool.query('insert into kiroku.projection_partitions (projection, version, log_id, timeline) values ($1, 1, $2, 1)', [
    'contract-ledger',
    log.id,
  ]);
  await pool.query(
    `insert into kiroku.advances (projection, version, position) values ('contract-ledger', 1, 40), ('contract-ledger', 1, 41)`,
  );
  return {
    pool,
    url: database.url,
    [Symbol.asyncDispose]: async () => {
      await pool.end();
      await database[Symbol.asyncDispose]();
    },
  };
}

test('a read model from before there were builds is the first build of its version, is read, and goes on from its checkpoint', async () => {
  await using old = await oldDatabase();
  await migrate({ database: 'query_db', url: old.url });
  const store = new PostgresReadModelStore({ pool: old.pool });
  await store.prepare(ledger, log);
  expect(await store.active(ledger)).toMatchObject({ build: 1, partitions: [{ partition: 0, position: 41 }] });
  const [lease] = await store.attend({ instance: 'one', projections: [ledger], leaseMs: 60_000 });
  if (lease === undefined) throw new Error('it is ready');
  const key = { day: '2026-11-24', account: 'ann' };
  await store.apply({
    lease,
    after: 41,
    position: 42,
    log,
    touched: { day: [key] },
    fold: ({ rows }) => {
      const [row] = [...(rows.day?.values() ?? [])];
      return { changes: [{ table: 'day', upserts: [{ ...key, entries: Number(row?.entries) + 1 }], deletes: [] }], parks: [] };
    },
  });
  expect((await old.pool.query('select * from contract_ledger_v1.day')).rows).toEqual([{ ...key, entries: 4 }]);
  expect(await store.checkpoint(ledger)).toBe(42);
});
