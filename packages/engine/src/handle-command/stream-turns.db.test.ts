import { command, defineAggregate, defineEvents } from '@kiroku/core';
import { createPool, migrate, PostgresEventStore } from '@kiroku/postgres';
import { anySchema, throwAwayDatabase } from '@kiroku/testing';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { createCommandHandler } from './create-command-handler.ts';
import { expectSerial, type Looked, purses, sendAll, sendings } from './purses.test-service.ts';

const counter = defineAggregate({
  name: 'counter',
  events: defineEvents({ Counted: { schema: anySchema<{ readonly id: string; readonly n: number }>() } }),
  initialState: 0,
  commands: { Count: command({ schema: anySchema<{ readonly id: string }>(), target: ({ id }) => id }) },
  evolve: { Counted: (count) => count + 1 },
  decide: { Count: (count, { data: { id } }) => [{ type: 'Counted', data: { id, n: count + 1 } }] },
});
const count = () => ({ type: 'Count', data: { id: '1' }, id: crypto.randomUUID(), at: '2026-11-27T10:00:00.000Z', metadata: {} });

test('commands on one stream that come together are appended together, each decided once on what the one before leads to', async () => {
  await using database = await throwAwayDatabase('event_store', migrate);
  await using eventStore = new PostgresEventStore({ url: database.serviceUrl });
  const append = vi.spyOn(eventStore, 'append');
  const handle = createCommandHandler({ aggregates: [counter], eventStore });
  await handle(count());
  await Promise.all(Array.from({ length: 100 }, () => handle(count())));
  const events = await eventStore.readStream('counter-1');
  expect(events.map(({ data }) => data.n)).toEqual(Array.from({ length: 101 }, (_, n) => n + 1));
  expect(append).toHaveBeenCalledTimes(101);
});

test('what another process appends meanwhile fails those that were decided before it, and they are decided again', async () => {
  await using database = await throwAwayDatabase('event_store', migrate);
  await using one = new PostgresEventStore({ url: database.serviceUrl });
  await using another = new PostgresEventStore({ url: database.serviceUrl });
  const handlers = [one, another].map((eventStore) => createCommandHandler({ aggregates: [counter], eventStore, maxAttempts: 200 }));
  await Promise.all(Array.from({ length: 100 }, (_, n) => handlers[n % 2]?.(count())));
  const events = await one.readStream('counter-1');
  expect(events.map(({ data }) => data.n)).toEqual(Array.from({ length: 100 }, (_, n) => n + 1));
});

test('commands of two processes whose connections are killed end as if each had come alone', async () => {
  await using database = await throwAwayDatabase('event_store', migrate);
  await using one = new PostgresEventStore({ url: database.serviceUrl, applicationName: 'kiroku-killed' });
  await using another = new PostgresEventStore({ url: database.serviceUrl, applicationName: 'kiroku-killed' });
  const looked: Looked = new Map();
  const aggregates = [purses('snapshots', looked)];
  const processes = [one, another].map((eventStore) => createCommandHandler({ aggregates, eventStore, maxAttempts: 200 }));
  const admin = createPool({ url: database.url, applicationName: 'kiroku-tests', max: 1 });
  const killed = `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'kiroku-killed' and datname = current_database()`;
  const answered = [];
  for (const sent of fc.sample(sendings, 15)) {
    const sending = sendAll(sent, processes);
    await new Promise((resolve) => setTimeout(resolve, 5)); // among their appends
    await admin.query(killed);
    answered.push(...(await sending));
  }
  await admin.end();
  const { events } = await one.readLog({ pageSize: 10_000 });
  expectSerial(events, answered, looked);
});
