import type { StreamName } from '@kiroku/core';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { PostgresEventStore } from '../event-store/postgres-event-store.ts';
import { smallPartitions } from '../partitions/small-partitions.test-log.ts';
import { createPool } from '../pool.ts';
import { readLogStats } from './read-log-stats.ts';

async function logOf(events: readonly (readonly [stream: StreamName, type: string])[]) {
  const database = await smallPartitions({ size: 4, count: 6 });
  await using store = new PostgresEventStore({ url: database.serviceUrl });
  for (const [stream, type] of events) await store.append({ streams: [{ stream, expectedVersion: 'any', events: [{ type, data: {} }] }] });
  const pool = createPool({ url: database.serviceUrl, applicationName: 'kiroku-tests', max: 2 });
  return {
    pool,
    url: database.url,
    [Symbol.asyncDispose]: async () => {
      await pool.end();
      await database[Symbol.asyncDispose]();
    },
  };
}

describe('the figures of a log', () => {
  const events = [
    ['order-1', 'Placed'],
    ['order-1', 'Paid'],
    ['order_line-1', 'Placed'],
    ['order-2', 'Placed'],
    ['stock-1', 'Counted'],
  ] as const;

  test('are counted in a small one', async () => {
    await using log = await logOf(events);
    const stats = await readLogStats(log.pool);
    const exactly = (count: number) => ({ count, estimated: false });
    expect(stats).toMatchObject({ events: 5, streams: exactly(4), lastHour: 5, lastDay: 5, timeline: 1 });
    expect(stats.types).toEqual([
      { type: 'Placed', events: exactly(3) },
      { type: 'Counted', events: exactly(1) },
      { type: 'Paid', events: exactly(1) },
    ]);
    expect(stats.categories).toEqual([
      { category: 'order', events: exactly(3), streams: exactly(2) },
      { category: 'order_line', events: exactly(1), streams: exactly(1) },
      { category: 'stock', events: exactly(1), streams: exactly(1) },
    ]);
  });

  test('have the size of every table, with its partitions', async () => {
    await using log = await logOf(events);
    const { tables } = await readLogStats(log.pool);
    const client = new pg.Client({ connectionString: log.url });
    await client.connect();
    const all = await client.query(`select sum(pg_total_relation_size(c.oid))::bigint as bytes from pg_class c
      join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'kiroku' and c.relkind = 'r'`);
    await client.end();
    expect(tables.reduce((sum, { tableBytes, indexBytes }) => sum + tableBytes + indexBytes, 0)).toBe(Number(all.rows[0].bytes));
    expect(tables.find(({ table }) => table === 'events')?.partitions).toBeGreaterThan(1);
  });

  test('are estimated in a large one, but for rare types', async () => {
    const many = [...events, ...events, ...events, ...events].map(([stream, type]) => [stream, type] as const);
    await using log = await logOf([...many, ['order-3', 'Lost']]);
    const stats = await readLogStats(log.pool, { countedUpTo: 10, sampleSize: 7, countedTypes: 3 });
    expect(stats.events).toBe(21);
    expect(stats.streams.estimated).toBe(true);
    expect(stats.types.find(({ type }) => type === 'Lost')).toEqual({ type: 'Lost', events: { count: 1, estimated: false } });
    expect(stats.types.find(({ type }) => type === 'Placed')?.events.estimated).toBe(true);
    expect(stats.types.reduce((sum, { events: { count } }) => sum + count, 0)).toBeGreaterThan(15);
    expect(stats.categories.map(({ category }) => category).toSorted()).toEqual(['order', 'order_line', 'stock']);
    expect(await readLogStats(log.pool, { countedUpTo: 10, exact: true })).toMatchObject({ streams: { count: 5, estimated: false } });
  });

  test('of the last hour do not include what is older', async () => {
    await using log = await logOf(events);
    const inAnHour = () => new Date(Date.now() + 3_700_000);
    expect(await readLogStats(log.pool, { now: inAnHour })).toMatchObject({ lastHour: 0, lastDay: 5 });
  });

  test('of an empty log are zeros', async () => {
    await using log = await logOf([]);
    expect(await readLogStats(log.pool)).toMatchObject({ events: 0, streams: { count: 0 }, lastHour: 0, types: [], categories: [] });
    expect(await readLogStats(log.pool)).not.toHaveProperty('firstRecordedAt');
  });
});
