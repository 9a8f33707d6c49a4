import type { LogFilter, RecordedEvent } from '@kiroku/core';
import { throwAwayDatabase } from '@kiroku/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { PostgresEventStore } from '../event-store/postgres-event-store.ts';
import { migrate } from '../migrate/migrate.ts';
import { createPool, type Pool } from '../pool.ts';
import { LogReader } from './log-reader.ts';

const stream = 'order-"1"\\,{ü}'; // whatever a list could take for an end
const events = [
  { type: 'Placed', data: { note: 'a "b", c\\\n\u2028', lines: [1, null] }, tags: ['customer:"3",4', '{}'], metadata: { actor: 'ü' } },
  { type: 'Pla"ced', data: {}, schemaVersion: 3 },
  { type: 'Placed', data: { note: 'x'.repeat(2_000) } },
];
let database: Awaited<ReturnType<typeof throwAwayDatabase>>;
let pool: Pool;

beforeAll(async () => {
  database = await throwAwayDatabase('event_store', migrate);
  await using store = new PostgresEventStore({ url: database.serviceUrl });
  await store.append({ streams: [{ stream, expectedVersion: 'noStream', events }] });
  await store.append({ streams: [{ stream: 'order-2', expectedVersion: 'noStream', events }] });
  pool = createPool({ url: database.serviceUrl, applicationName: 'test' });
  return async () => {
    await pool.end();
    await database[Symbol.asyncDispose]();
  };
});

test('a page of the log has the events as their streams have them', async () => {
  const reader = new LogReader(pool);
  const streams = [...(await reader.readStream(stream)), ...(await reader.readStream('order-2'))];
  expect(streams).toMatchObject([...events, ...events]);
  expect(await reader.readLog()).toEqual({ events: streams, position: 6 });
});

test.each([1, 100, 1_000])('pages of more than %i bytes are read in parts, and nothing is missing', async (maxPageBytes) => {
  const reader = new LogReader(pool, { maxPageBytes });
  const read: RecordedEvent[] = [];
  const positions: number[] = [];
  for (let position = 0; position < 6; ) {
    const page = await reader.readLog({ after: position, pageSize: 4 });
    read.push(...page.events);
    position = page.position;
    positions.push(position);
  }
  expect(positions.length).toBeGreaterThan(2);
  expect(read).toEqual((await new LogReader(pool).readLog()).events);
});

describe('in a longer log', () => {
  const added = Array.from({ length: 500 }, (_, n) => ({
    type: n % 3 === 0 ? 'Third' : 'Other',
    data: { note: 'x'.repeat(n % 70 === 69 ? 9_000 : n) },
  }));

  beforeAll(async () => {
    await using store = new PostgresEventStore({ url: database.serviceUrl });
    const streams = ['bulk-1', 'bulk-2'] as const;
    await store.append({
      streams: streams.map((each, n) => ({ stream: each, expectedVersion: 0, events: added.slice(n * 250, n * 250 + 250) })),
    });
  });

  test.each([9_500, 60_000, 1_000_000])('pages have each event once, in order, whatever is large: %i bytes', async (maxPageBytes) => {
    const reader = new LogReader(pool, { maxPageBytes });
    const all = await readAll(reader, {});
    expect(all.map(({ data }) => data)).toEqual(added.map(({ data }) => data));
    expect(await readAll(reader, { types: ['Third'] })).toEqual(all.filter(({ type }) => type === 'Third'));
    const parts = [await readAll(reader, { part: { index: 0, of: 2 } }), await readAll(reader, { part: { index: 1, of: 2 } })];
    expect(parts.flat().sort((one, other) => one.position - other.position)).toEqual(all);
    expect(await readAll(reader, { tags: ['none'] })).toEqual([]);
  });
});

async function readAll(reader: LogReader, filter: LogFilter): Promise<readonly RecordedEvent[]> {
  const read: RecordedEvent[] = [];
  for (let position = 6; position < 506; ) {
    const page = await reader.readLog({ after: position, until: 600, filter, pageSize: 470 });
    expect(page.position).toBeGreaterThan(position);
    read.push(...page.events);
    position = page.position;
  }
  return read;
}
