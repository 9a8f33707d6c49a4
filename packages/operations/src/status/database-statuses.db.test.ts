import { createPool, migrate, PostgresProcessManagerStore } from '@kiroku/postgres';
import { throwAwayDatabase } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { databaseStatuses } from './database-statuses.ts';

const nowhere = 'postgres://nobody@127.0.0.1:1/nothing';

test('sagas that wait for people are told, with what lists them, whatever services say', async () => {
  await using database = await throwAwayDatabase('command_db', migrate);
  const look = async () => {
    const statuses = await databaseStatuses({ event_store: nowhere, command_db: database.serviceUrl, query_db: nowhere });
    return statuses.find(({ name }) => name === 'command_db');
  };
  expect(await look()).toMatchObject({ reachable: true, reason: undefined, warning: undefined });

  await using pool = createPool({ url: database.serviceUrl, applicationName: 'kiroku-tests' });
  const store = new PostgresProcessManagerStore({ pool });
  await store.prepare('booking', { id: '0199f0a0-0000-7000-8000-000000000001', timeline: 1 });
  const [lease] = await store.attend({ instance: 'test', processManagers: ['booking'], leaseMs: 60_000 });
  if (lease === undefined) throw new Error('a lone process gets every partition');
  const id = '0199f0a0-0000-7000-8000-000000000101';
  const react = () => ({
    instances: [
      { id: 'broken', state: {}, status: 'failed' as const, failure: 'it cannot be undone' },
      { id: 'stuck', state: {}, status: 'running' as const },
    ],
    commands: [{ id, processManager: 'booking', instance: 'stuck', type: 'Pay', data: {}, metadata: {} }],
  });
  await store.advance({ processManager: 'booking', partitions: [{ lease, after: 0 }], position: 1, instances: [], react });
  for (const command of await store.claim({ limit: 1, leaseMs: 60_000 })) await store.giveBack({ command, error: 'no' });
  expect(await look()).toMatchObject({ reason: undefined, warning: expect.stringContaining('1 failed, 1 with a parked command') });
});
