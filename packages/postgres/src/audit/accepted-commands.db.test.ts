import type { AuditFilter, EventMetadata } from '@kiroku/core';
import { throwAwayDatabase } from '@kiroku/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PostgresEventStore } from '../event-store/postgres-event-store.ts';
import { migrate } from '../migrate/migrate.ts';
import { createPool } from '../pool.ts';
import { AcceptedCommands } from './accepted-commands.ts';

async function makeLog() {
  const database = await throwAwayDatabase('event_store', migrate);
  const pool = createPool({ url: database.serviceUrl, applicationName: 'kiroku-tests' });
  const store = new PostgresEventStore({ pool });
  const append = async (stream: `${string}-${string}`, metadata: EventMetadata, events = 1) => {
    const { receivedAt: _at, role: _role, sourceAddress: _address, ...ofAll } = metadata;
    const given = Array.from({ length: events }, (_, n) => ({ type: 'Moved', data: {}, metadata: n === 0 ? metadata : ofAll }));
    await store.append({ streams: [{ stream, expectedVersion: 'any', events: given }] });
  };
  return {
    commands: new AcceptedCommands({ pool }),
    append,
    async [Symbol.asyncDispose]() {
      await store.stop();
      await pool.end();
      await database[Symbol.asyncDispose]();
    },
  };
}

const received = { receivedAt: '2026-11-24T10:00:00.000Z', role: 'staff', sourceAddress: '203.0.113.9' };

describe('accepted commands', () => {
  let log: Awaited<ReturnType<typeof makeLog>>;
  const found = async (filter: AuditFilter, before?: number) =>
    (await log.commands.page(filter, before)).entries.map(({ place, entry }) => `${place} ${entry.type}`);

  beforeAll(async () => {
    log = await makeLog();
    await log.append('order-1', { commandId: 'c1', commandType: 'PlaceOrder', actor: 'ada', correlationId: 'r1', ...received }, 3);
    await log.append('order-2', { commandId: 'c2', commandType: 'PlaceOrder', actor: 'bob', correlationId: 'r2' }, 2); // of an earlier release
    await log.append('order-1', { actor: 'ada' }); // of no command
    await log.append('order-1', { commandId: 'c3', commandType: 'CancelOrder', actor: 'ada', correlationId: 'r1', receivedAt: 'soon' });
  });
  afterAll(() => log[Symbol.asyncDispose]());

  test('are told of once, however many events they led to, by their first', async () => {
    expect(await found({})).toEqual(['7 CancelOrder', '4 PlaceOrder', '1 PlaceOrder']);
    expect(await found({}, 7)).toEqual(['4 PlaceOrder', '1 PlaceOrder']);
    expect(await found({}, 4)).toEqual(['1 PlaceOrder']);
    expect(await found({}, 3)).toEqual(['1 PlaceOrder']);
    expect(await found({}, 1)).toEqual([]);
  });

  test('say who, from where, when and for how long', async () => {
    const { entries } = await log.commands.page({ type: 'PlaceOrder' });
    const common = { outcome: 'accepted', type: 'PlaceOrder', at: expect.stringMatching(/Z$/) };
    expect(entries.map(({ entry }) => entry)).toEqual([
      { ...common, position: 4, stream: 'order-2', commandId: 'c2', user: 'bob', correlationId: 'r2' },
      {
        ...common,
        position: 1,
        stream: 'order-1',
        commandId: 'c1',
        user: 'ada',
        correlationId: 'r1',
        ...received,
        durationMs: expect.any(Number),
      },
    ]);
  });

  test('are found by who, what and when', async () => {
    expect(await found({ user: 'bob' })).toEqual(['4 PlaceOrder']);
    expect(await found({ stream: 'order-1' })).toEqual(['7 CancelOrder', '1 PlaceOrder']);
    expect(await found({ correlationId: 'r1', type: 'PlaceOrder' })).toEqual(['1 PlaceOrder']);
    const [[latest, , first], soon] = [(await log.commands.page({})).entries, new Date(Date.now() + 60_000).toISOString()];
    expect(await found({ since: soon })).toEqual([]);
    expect(await found({ since: latest?.at ?? '' })).toEqual(['7 CancelOrder']);
    expect(await found({ until: first?.at ?? '' })).toEqual(['1 PlaceOrder']);
    expect(await found({ until: '2020-01-01T00:00:00Z' })).toEqual([]);
  });
});

test('a long log is looked through part by part where no index helps, and a command over the edge is told of once', async () => {
  await using log = await makeLog();
  await log.append('order-1', { commandId: 'c1', commandType: 'PlaceOrder', actor: 'ada', correlationId: 'r1' }, 1_000);
  for (let n = 0; n < 10; n++) await log.append('order-2', { commandId: `d${n}`, commandType: 'MoveOrder', actor: 'bob' }, 950);
  for (const filter of [{ stream: 'order-1' }, { correlationId: 'r1' }]) {
    expect(await log.commands.page(filter)).toMatchObject({ entries: [{ place: 1 }], looked: 10_500 });
  }
  const first = await log.commands.page({ user: 'ada' });
  expect(first).toMatchObject({ entries: [], next: 501, looked: 10_000, reached: expect.stringMatching(/Z$/) });
  expect(await log.commands.page({ user: 'ada' }, first.next)).toMatchObject({ entries: [{ place: 1 }], looked: 500 });
});
