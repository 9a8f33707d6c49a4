import { throwAwayDatabase } from '@kiroku/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PostgresWorkFigures } from '../figures/postgres-work-figures.ts';
import { migrate } from '../migrate/migrate.ts';
import { createPool, type Pool } from '../pool.ts';
import { statement } from '../statement.ts';
import { countForPeople, findInstances, type InstanceFilter, listInstances } from './read-instances.ts';

const applicationName = 'kiroku-tests';

// 20,000 that are done, 12,000 of them with a parked command, and three that are stuck
const fill = `
  insert into kiroku.process_managers (name, log_id, timeline) values ('booking', gen_random_uuid(), 1);
  insert into kiroku.process_instances (process_manager, instance, state, status, updated_at, ended_at)
  select 'booking', 'done-' || n, '{}', 'done', at, at
  from generate_series(1, 20000) as n, lateral (select timestamptz '2026-01-01' + n * interval '1 s' as at) as moved;
  insert into kiroku.process_instances (process_manager, instance, state, status) select 'booking', 'stuck-' || n, '{}', 'running' from generate_series(1, 3) as n;
  insert into kiroku.outgoing_commands (id, process_manager, instance, type, data, metadata, due_at)
  select gen_random_uuid(), 'booking', instance, 'Pay', '{}', '{}', 'infinity'
  from (select 'done-' || n as instance from generate_series(1, 12000) as n union all select 'stuck-' || n from generate_series(1, 3) as n) as parked;
  insert into kiroku.process_history (process_manager, instance, kind, what) select 'booking', 'stuck-1', 'event', n::text from generate_series(1, 250) as n`;

describe('among many instances', () => {
  let database: Awaited<ReturnType<typeof throwAwayDatabase>>;
  let pool: Pool;
  beforeAll(async () => {
    database = await throwAwayDatabase('command_db', migrate);
    await query(database.url, fill);
    await query(database.url, 'vacuum analyze');
    pool = createPool({ url: database.serviceUrl, applicationName, max: 1 });
  });
  afterAll(async () => {
    await pool.end();
    await database[Symbol.asyncDispose]();
  });

  const list = async (filter: Omit<InstanceFilter, 'limit'>) => (await listInstances(pool, { ...filter, limit: 2 })).map(({ id }) => id);

  test('the latest are listed, and a list goes on before the last of the one before', async () => {
    expect(await list({ status: 'done' })).toEqual(['done-20000', 'done-19999']);
    expect(await list({ before: { movedAt: '2026-01-01T00:00:03Z' } })).toEqual(['done-2', 'done-1']);
    expect(await list({ before: { movedAt: '2026-01-01T00:00:01Z' } })).toEqual([]);
    expect((await list({ processManager: 'booking' })).every((id) => id.startsWith('stuck'))).toBe(true);
  });

  test('a list reads no more of those that have ended than it shows', async () => {
    const before = await fetched(database.url);
    const own = createPool({ url: database.serviceUrl, applicationName, max: 1 });
    const inTheMiddle = { movedAt: '2026-01-01T02:00:00Z', processManager: 'booking', id: 'done-7200' };
    for (const filter of [
      {},
      { status: 'done' },
      { status: 'failed' },
      { before: { movedAt: '2026-01-01T01:00:00Z' } },
      { before: inTheMiddle },
    ] as const)
      await listInstances(own, { ...filter, limit: 5 });
    await own.end(); // its connection reports what it did when it ends
    const after = await fetched(database.url);
    expect(after.scans - before.scans).toBe(0);
    expect(after.rows - before.rows).toBeLessThan(100);
  });

  test('the list of those that are stuck joins their commands, also when these are more than fit into work_mem', async () => {
    const { text } = statement('process_managers/list_instances');
    await query(database.url, "insert into kiroku.process_managers (name, log_id, timeline) values ('idle', gen_random_uuid(), 1)");
    expect(await list({ status: 'stuck' })).toHaveLength(2);
    const literal = text
      .replaceAll('$1', 'null')
      .replaceAll('$2', "'stuck'")
      .replaceAll('$3', '2')
      .replaceAll(/\$[456]/g, 'null');
    const lines = await query<{ 'QUERY PLAN': string }>(database.url, `set work_mem = '64kB'; explain ${literal}`);
    const plan = lines.map((line) => line['QUERY PLAN']).join('\n');
    expect(plan).toContain('Semi Join');
    expect(plan).not.toMatch(/Filter: .*SubPlan/);
  });

  test('those that are stuck are counted although more parked commands are of instances that have ended', async () => {
    const figures = new PostgresWorkFigures(pool);
    expect((await figures.waiting(['booking'])).sagas).toMatchObject([{ open: 3, stuck: 3 }]);
    expect(await countForPeople(pool)).toEqual({ failed: 0, stuck: 3 });
  });

  test('the end of a history is shown, and what was before it on demand', async () => {
    const [shown] = await findInstances(pool, { id: 'stuck-1' });
    expect(shown?.history.map(({ what }) => what)).toEqual(Array.from({ length: 200 }, (_, n) => String(n + 51)));
    const before = shown?.historyBefore;
    if (typeof before !== 'number') throw new Error('There is more.');
    const [earlier] = await findInstances(pool, { id: 'stuck-1', before });
    expect(earlier?.history.map(({ what }) => what)).toEqual(Array.from({ length: 50 }, (_, n) => String(n + 1)));
    expect(earlier?.historyBefore).toBeNull();
  });
});

async function fetched(url: string): Promise<{ readonly rows: number; readonly scans: number }> {
  const [row] = await query<{ rows: string; scans: string }>(
    url,
    "select idx_tup_fetch as rows, seq_scan as scans from pg_stat_user_tables where relname = 'process_instances'",
  );
  return { rows: Number(row?.rows), scans: Number(row?.scans) };
}

async function query<Row extends object>(url: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const results = [await client.query<Row>(text)].flat(); // one for each statement
    return results.at(-1)?.rows ?? [];
  } finally {
    await client.end();
  }
}
