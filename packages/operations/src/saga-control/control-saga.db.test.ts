import { defineApplication } from '@kiroku/core';
import { createPool, migrate, PostgresOperatorAudit, PostgresProcessManagerStore } from '@kiroku/postgres';
import { booking, recordedAs, throwAwayDatabase } from '@kiroku/testing';
import { expect, test } from 'vitest';
import type { Installation } from '../config/installation.ts';
import { sagaStats } from '../saga-stats/saga-stats.ts';
import { controlSaga, planSagaControl } from './control-saga.ts';

test('an operator gives a saga up: what that leads to is said before, written with who and why, and sent', async () => {
  await using given = await withRunningSaga();
  const { installation, store } = given;
  const steering = { id: 't', control: 'compensate' } as const;
  expect(await planSagaControl(installation, steering)).toEqual(['It sends FreeSeat.']);
  expect(await store.claim({ limit: 5, leaseMs: 1 })).toEqual([]);

  expect(await controlSaga(installation, steering)).toMatchObject({
    status: 'running',
    state: { phase: 'compensating', reason: 'she called' },
  });
  expect(await store.claim({ limit: 5, leaseMs: 60_000 })).toMatchObject([{ type: 'FreeSeat', data: { trip: 't', seat: 'a' } }]);
  expect(await given.audit.actions({ limit: 5 })).toMatchObject([
    { operator: 'ada', verb: 'saga compensate', outcome: { succeeded: true } },
  ]);
  await expect(controlSaga(installation, steering)).rejects.toMatchObject({ code: 'SagaNotSteerable' });
});

test('an operator closes a saga as it is', async () => {
  await using given = await withRunningSaga();
  expect(await controlSaga(given.installation, { id: 't', control: 'close' })).toMatchObject({ status: 'done', commands: [], timers: [] });
  expect(await sagaStats(given.installation)).toMatchObject([{ processManager: 'booking', running: 0, compensated: 1, completionRate: 1 }]);
});

test('a saga that is not there is told', async () => {
  await using given = await withRunningSaga();
  await expect(controlSaga(given.installation, { id: 'other', control: 'retry' })).rejects.toMatchObject({ code: 'NotFound' });
});

async function withRunningSaga() {
  const database = await throwAwayDatabase('command_db', migrate);
  const pool = createPool({ url: database.serviceUrl, applicationName: 'kiroku-tests' });
  const store = new PostgresProcessManagerStore({ pool });
  await store.prepare('booking', { id: '0199f0a0-0000-7000-8000-000000000001', timeline: 1 });
  const [lease] = await store.attend({ instance: 'test', processManagers: ['booking'], leaseMs: 60_000 });
  if (lease === undefined) throw new Error('a lone process gets every partition');
  const asked = recordedAs(1, { type: 'TripAsked', data: { trip: 't', seats: ['a'] } });
  const { state } = booking.react(booking.initialState, asked);
  const react = () => ({ instances: [{ id: 't', state, status: 'running' as const }], commands: [] });
  await store.advance({ lease, after: 0, position: 1, instances: ['t'], react });
  return {
    store,
    audit: new PostgresOperatorAudit({ pool }),
    installation: installationOn(database.serviceUrl),
    async [Symbol.asyncDispose]() {
      await pool.end();
      await database[Symbol.asyncDispose]();
    },
  };
}

function installationOn(url: string): Installation {
  const application = defineApplication({ name: 'trips', aggregates: [], processManagers: [booking] });
  return {
    root: '/',
    config: { name: 'trips', application, services: [] },
    dataDirectory: '/nowhere',
    host: '127.0.0.1',
    postgresPort: 1,
    databases: { event_store: url, command_db: url, query_db: url },
    ports: {},
    stopTimeoutMs: 1,
    operator: { name: 'ada', reason: 'she called' },
    environment: {},
  };
}
