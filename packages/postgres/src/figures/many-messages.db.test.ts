import { throwAwayDatabase } from '@kiroku/testing';
import pg from 'pg';
import { expect, test } from 'vitest';
import { migrate } from '../migrate/migrate.ts';
import { createPool } from '../pool.ts';
import { PostgresWorkFigures } from './postgres-work-figures.ts';

// none is queued: nothing tells where to stop looking for those
const fill = `
  insert into kiroku.consumers (id, name, url, reveal, timeout_ms, concurrency, max_attempts, max_age_seconds, secret, log_id, timeline, created_by)
  select gen_random_uuid(), 'consumer ' || n, 'https://example.com', false, 1000, 1, 1, 1, '{}', gen_random_uuid(), 1, 'ada' from generate_series(1, 5) as n;
  insert into kiroku.consumer_messages (consumer, position, event_id, event_type, stream, state, due_at, error, first_failed_at, failed_at)
  select (select id from kiroku.consumers where name = 'consumer 1'), n, gen_random_uuid(), 'Moved', 'order-' || n, 'dead', 'infinity', 'no', now(), now()
  from generate_series(1, 20000) as n`;

test('among many dead letters, counting what is kept scans no table and looks at no more than are counted', async () => {
  await using database = await throwAwayDatabase('command_db', migrate);
  await query(database.url, fill);
  await query(database.url, 'vacuum analyze');
  const before = await touched(database.url);
  const pool = createPool({ url: database.serviceUrl, applicationName: 'kiroku-tests', max: 1 });
  const { consumers } = await new PostgresWorkFigures(pool).waiting([]);
  await pool.end(); // its connection reports what it did when it ends
  const after = await touched(database.url);
  expect(consumers[0]).toMatchObject({ waiting: 0, queued: 0, dead: 10_000 });
  expect(after.scans - before.scans).toBe(0);
  expect(after.entries - before.entries).toBeLessThan(10_100);
});

async function touched(url: string): Promise<{ readonly entries: number; readonly scans: number }> {
  const [row] = await query<{ entries: string; scans: string }>(
    url,
    `select sum(idx_tup_read) as entries, (select seq_scan from pg_stat_user_tables where relname = 'consumer_messages') as scans
     from pg_stat_user_indexes where relname = 'consumer_messages'`,
  );
  return { entries: Number(row?.entries), scans: Number(row?.scans) };
}

async function query<Row extends object>(url: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}
