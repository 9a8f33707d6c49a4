import type { RecordedEvent } from '@kiroku/core';
import { throwAwayDatabase } from '@kiroku/testing';
import { beforeAll, expect, test } from 'vitest';
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
