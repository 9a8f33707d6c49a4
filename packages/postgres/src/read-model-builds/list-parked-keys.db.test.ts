import { throwAwayDatabase } from '@kiroku/testing';
import pg from 'pg';
import { expect, test } from 'vitest';
import { migrate } from '../migrate/migrate.ts';
import { createPool } from '../pool.ts';
import { statement } from '../statement.ts';
import { PostgresReadModelBuilds } from './postgres-read-model-builds.ts';

// of two projections and three builds, thirty at a time
const fill = `
  insert into kiroku.parked_keys (projection, version, build, table_name, key_text, partition, position, event_type, error_code, error_message, parked_at)
  select 'p' || n % 2, 1, n % 3, 't', 'k' || n, 0, n, 'Happened', 'X', 'no', timestamptz '2026-01-01' + (n / 30) * interval '1 s'
  from generate_series(1, 100) as n`;

test('a list of parked keys goes on after its last one, though many were parked at the same time and some are parked no more', async () => {
  await using database = await throwAwayDatabase('query_db', migrate);
  const owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
  await owner.query(fill);
  const pool = createPool({ url: database.serviceUrl, applicationName: 'kiroku-tests' });
  const builds = new PostgresReadModelBuilds({ pool });
  const keysOf = async (filter: Partial<Parameters<typeof builds.parkedKeys>[0]>) => await builds.parkedKeys({ limit: 7, ...filter });
  const all = await keysOf({ limit: 1_000 });
  const found = [...(await keysOf({}))];
  for (let after = found.at(-1); after !== undefined; ) {
    await owner.query('delete from kiroku.parked_keys where key_text = $1', [after.keyText]); // settled meanwhile
    const page = await keysOf({ after });
    found.push(...page);
    after = page.at(-1);
  }
  expect(found).toEqual(all);
  await pool.end();
  await owner.end();
});

test('a page of parked keys is read from the index on their times', async () => {
  await using database = await throwAwayDatabase('query_db', migrate);
  const owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
  await owner.query(fill.replace('100)', '20000)'));
  await owner.query('vacuum analyze kiroku.parked_keys');
  await owner.query('set plan_cache_mode = force_generic_plan');
  const { text } = statement('read_model_builds/list_parked_keys');
  await owner.query(`prepare page (text, integer, integer, bigint, timestamptz, text, integer, integer, text, text) as ${text}`);
  const { rows } = await owner.query("explain execute page (null, null, null, 7, '2026-01-01T00:05:00Z', 'p1', 1, 1, 't', 'k')");
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
  expect(plan).toMatch(/parked_keys_parked_at_idx[\s\S]*Index Cond: \(parked_at >=/);
  await owner.end();
});
