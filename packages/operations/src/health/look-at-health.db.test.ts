import { migrate } from '@kiroku/postgres';
import { throwAwayDatabase } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { lookAtHealth } from './look-at-health.ts';

const application = { name: 'library', aggregates: [], projections: [], processManagers: [] };

test('what a role may not look at is not told as healthy, but with the reason', async () => {
  await using log = await throwAwayDatabase('event_store', migrate);
  await using commands = await throwAwayDatabase('command_db', migrate);
  await using readModels = await throwAwayDatabase('query_db', migrate);
  const look = async (command_db: string) => {
    const databases = { event_store: log.serviceUrl, command_db, query_db: readModels.serviceUrl };
    const { state, unseen } = await lookAtHealth({ application, services: [], databases, limits: { maxDelaySeconds: 30 } });
    return { state, unseen };
  };
  expect(await look(commands.serviceUrl)).toEqual({ state: 'healthy', unseen: [] });
  expect(await look(commands.maintenanceUrl)).toEqual({
    state: 'unhealthy',
    unseen: [{ name: 'background work', reason: expect.stringContaining('permission denied') }],
  });
  const { unseen } = await look('postgres://nobody@127.0.0.1:1/command_db');
  expect(unseen, 'the row of the database says why').toEqual([]);
});
