import { throwAwayDatabase } from '@kiroku/testing';
import pg from 'pg';
import { expect, test, vi } from 'vitest';
import { migrate } from '../migrate/migrate.ts';
import { createPool } from '../pool.ts';
import { PostgresConsumerStore } from './postgres-consumer-store.ts';

// of 20 consumers 1,000 letters each; those of the same event died at the same moment
const fill = `
  insert into kiroku.consumers (id, name, url, reveal, timeout_ms, concurrency, max_attempts, max_age_seconds, secret, log_id, timeline, created_by)
  select md5(n::text)::uuid, 'crm-' || n, 'http://127.0.0.1:9/', false, 7000, 1, 1, 1, '{}', gen_random_uuid(), 1, 'ada' from generate_series(1, 20) as n;
  insert into kiroku.consumer_messages (consumer, position, event_id, event_type, stream, state, due_at, error, first_failed_at, failed_at)
  select md5(n::text)::uuid, position, gen_random_uuid(), 'Placed', 'order-' || position, 'dead', at, 'no', at, at
  from generate_series(1, 20) as n, generate_series(1, 1000) as position, lateral (select timestamptz '2026-01-01' + position / 4 * interval '1 s' as at) as died`;

test('a page of dead letters goes on after the one before, and reads no more than it needs of each consumer', async () => {
  await using database = await throwAwayDatabase('command_db', migrate);
  const owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
  const read = async () => {
    const { rows } = await owner.query<{ rows: string; scans: string }>(
      "select idx_tup_fetch as rows, seq_scan as scans from pg_stat_user_tables where relname = 'consumer_messages'",
    );
    return { rows: Number(rows[0]?.rows), scans: Number(rows[0]?.scans) };
  };
  await owner.query(fill);
  await owner.query('vacuum analyze');
  const before = await read();
  const pool = createPool({ url: database.serviceUrl, applicationName: 'kiroku-tests', max: 1 });
  const store = new PostgresConsumerStore({ pool });
  const all = await store.deadLetters({ limit: 40 });
  const [tenth] = all.slice(9);
  if (tenth === undefined) throw new Error('There are more.');
  expect(await store.deadLetters({ limit: 10, after: tenth })).toEqual(all.slice(10, 20));
  const late = { diedAt: '2026-01-01T00:02:00Z', position: 480, consumer: 'crm-7' };
  expect(await store.deadLetters({ limit: 2, after: late })).toMatchObject([{ position: 480 }, { position: 480 }]);
  expect(await store.deadLetters({ limit: 2, after: late, consumer: 'crm-7' })).toMatchObject([{ position: 481 }, { position: 482 }]);
  await pool.end(); // its connection reports what it did when it ends
  const others = 'select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()';
  await vi.waitFor(async () => expect((await owner.query(others)).rowCount).toBe(0));
  const after = await read();
  await owner.end();
  expect(after.scans - before.scans).toBe(0);
  expect(after.rows - before.rows).toBeLessThan(3_000);
});
