import { throwAwayDatabase } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { migrate } from '../migrate/migrate.ts';
import { createPool, type Pool } from '../pool.ts';
import { readTableSizes } from './read-table-sizes.ts';

async function withTable(rows: number, use: (pool: Pool) => Promise<void>) {
  await using database = await throwAwayDatabase('query_db', migrate);
  await using pool = createPool({ url: database.url, applicationName: 'kiroku-tests', max: 1 });
  await pool.query('create schema sales_v1');
  await pool.query(`create table sales_v1.day as select n as id, lpad('', 900, 'x') as note from generate_series(1, ${rows}) as n`);
  await pool.query('create index on sales_v1.day (id)');
  await pool.query('analyze sales_v1.day');
  await use(pool);
}

test('the rows of a small table are counted, also those that statistics do not know yet', async () => {
  await withTable(10, async (pool) => {
    await pool.query(`insert into sales_v1.day values (11, '')`);
    const [day, ...others] = await readTableSizes(pool, 'sales_v1');
    expect(day).toMatchObject({ table: 'day', rows: { count: 11, estimated: false } });
    expect([Number(day?.tableBytes) > 0, Number(day?.indexBytes) > 0, others]).toEqual([true, true, []]);
  });
});

test('the rows of a large table are estimated', async () => {
  await withTable(20_000, async (pool) => {
    const [day] = await readTableSizes(pool, 'sales_v1');
    expect(day?.rows.estimated).toBe(true);
    expect(Math.abs((day?.rows.count ?? 0) - 20_000)).toBeLessThan(2_000);
  });
});

test('a schema that is not there has no tables', async () => {
  await withTable(0, async (pool) => expect(await readTableSizes(pool, 'sales_v2')).toEqual([]));
});
