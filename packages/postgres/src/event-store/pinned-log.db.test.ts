import { throwAwayDatabase } from '@kiroku/testing';
import { expect, test, vi } from 'vitest';
import { migrate } from '../migrate/migrate.ts';
import { createPool } from '../pool.ts';
import { raiseTimeline } from '../timelines/raise-timeline.ts';
import { PostgresEventStore } from './postgres-event-store.ts';

const placed = { streams: [{ stream: 'order-1', expectedVersion: 'any', events: [{ type: 'Placed', data: {} }] }] } as const;

test('a process does not go on over another timeline: neither reads nor appends, and is told once', async () => {
  await using given = await aStore();
  await given.store.append(placed);
  await given.restore();
  await vi.waitFor(() => expect(given.store.head()).rejects.toMatchObject({ code: 'LogMismatch' }), 15_000); // connections end with a delay
  await vi.waitFor(() => expect(given.store.append(placed)).rejects.toMatchObject({ code: 'LogMismatch' }), 15_000);
  expect(given.switched.mock.calls).toMatchObject([[{ code: 'LogMismatch', details: { before: { timeline: 1 }, now: { timeline: 2 } } }]]);
});

test('connections that are lost and lead to the same log are only opened anew', async () => {
  await using given = await aStore();
  await given.store.append(placed);
  await given.disconnect();
  await vi.waitFor(() => expect(given.store.append(placed)).resolves.toMatchObject({ position: 2 }), 15_000);
  expect((await given.store.head()).position).toBe(2);
  expect(given.switched).not.toHaveBeenCalled();
});

async function aStore() {
  const database = await throwAwayDatabase('event_store', migrate);
  const switched = vi.fn();
  const store = new PostgresEventStore({ url: database.serviceUrl, onSwitched: switched });
  const owner = createPool({ url: database.url, applicationName: 'test', max: 1 });
  const disconnect = () =>
    owner.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()');
  return {
    store,
    switched,
    disconnect,
    async restore() {
      await raiseTimeline(owner, { backup: '20261127T221846Z-3f9a', by: 'kim' });
      await disconnect();
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([store.stop(), owner.end()]);
      await database[Symbol.asyncDispose]();
    },
  };
}
