import { throwAwayDatabase } from '@kiroku/testing';
import pg from 'pg';
import { expect, test } from 'vitest';
import { migrate } from '../migrate/migrate.ts';
import { createPool } from '../pool.ts';
import { PostgresProcessManagerStore } from './postgres-process-manager-store.ts';

test('a look among 100,000 waiting timers touches a handful of index entries, and scans no table', async () => {
  await using database = await throwAwayDatabase('command_db', migrate);
  await withTimers(database.url);
  const before = await touched(database.url);
  const pool = createPool({ url: database.serviceUrl, applicationName: 'kiroku-tests', max: 1 });
  const store = new PostgresProcessManagerStore({ pool });
  const react = () => ({ instances: [], commands: [] });
  for (let looks = 0; looks < 10; looks++) {
    expect((await store.fire({ processManager: 'waiting', limit: 500, react })).fired).toBe(0);
  }
  await pool.end(); // its connection reports what it did when it ends
  const after = await touched(database.url);
  expect(after.scans - before.scans).toBe(0);
  expect(after.entries - before.entries).toBeLessThanOrEqual(20);
});

async function withTimers(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`
    insert into kiroku.process_timers (process_manager, instance, name, id, due_at, metadata)
    select 'waiting', 'order-' || n, 'timeout', gen_random_uuid(), clock_timestamp() + interval '1 hour' + n * interval '1 ms', '{}'
    from generate_series(1, 100000) as n`);
  await client.query('analyze');
  await client.end();
}

async function touched(url: string): Promise<{ readonly entries: number; readonly scans: number }> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ entries: string; scans: string }>(`
    select coalesce(sum(indexes.idx_tup_read), 0) as entries, (select coalesce(sum(seq_scan), 0) from pg_stat_user_tables where relname = 'process_timers') as scans
    from pg_stat_user_indexes as indexes
    where relname = 'process_timers'`);
  await client.end();
  const [row] = rows;
  return { entries: Number(row?.entries), scans: Number(row?.scans) };
}
