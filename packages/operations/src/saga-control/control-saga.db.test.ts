import { defineApplication } from '@kiroku/core';
import { createPool, migrate, PostgresProcessManagerStore } from '@kiroku/postgres';
import { booking, recordedAs, throwAwayDatabase } from '@kiroku/testing';
import { expect, test, vi } from 'vitest';
import { openSagaStores } from '../config/saga-stores.ts';
import { showSaga } from '../saga-show/show-saga.ts';
import { sagaStats } from '../saga-stats/saga-stats.ts';
import { controlSaga, planSagaControl } from './control-saga.ts';

const operator = { name: 'ada', reason: 'she called', source: 'command line' };

test('an operator gives a saga up: what that leads to is said before, written with who and why, and sent', async () => {
  await using given = await withRunningSaga();
  const { stores, store } = given;
  const steering = { id: 't', control: 'compensate', operator } as const;
  expect(await planSagaControl(stores, steering)).toEqual(['It sends FreeSeat.']);
  expect(await store.claim({ limit: 5, leaseMs: 1 })).toEqual([]);

  expect(await controlSaga(stores, steering)).toMatchObject({
    status: 'running',
    state: { phase: 'compensating', reason: 'she called' },
  });
  expect(await store.claim({ limit: 5, leaseMs: 60_000 })).toMatchObject([{ type: 'FreeSeat', data: { trip: 't', seat: 'a' } }]);
  expect(await stores.audit.actions({ limit: 5 })).toMatchObject([
    { operator: 'ada', source: 'command line', verb: 'saga compensate', outcome: { succeeded: true } },
  ]);
  await expect(controlSaga(stores, steering)).rejects.toMatchObject({ code: 'SagaNotSteerable' });
});

test('an operator closes a saga as it is, and says why', async () => {
  await using given = await withRunningSaga();
  const close = { id: 't', control: 'close' } as const;
  await expect(controlSaga(given.stores, { ...close, operator: { name: 'ada' } })).rejects.toMatchObject({ code: 'BadRequest' });
  expect(await controlSaga(given.stores, { ...close, operator })).toMatchObject({ status: 'done', commands: [], timers: [] });
  expect(await sagaStats(given.stores)).toMatchObject([{ processManager: 'booking', running: 0, compensated: 1, completionRate: 1 }]);
});

test('a saga that is not there is told', async () => {
  await using given = await withRunningSaga();
  await expect(controlSaga(given.stores, { id: 'other', control: 'retry', operator })).rejects.toMatchObject({ code: 'NotFound' });
});

test('what an ended saga has left parked can be retried; where nothing is, that is said', async () => {
  await using given = await withRunningSaga();
  const { stores, store } = given;
  const retry = { id: 't', control: 'retry', operator } as const;
  await expect(controlSaga(stores, retry)).rejects.toMatchObject({
    code: 'SagaNotSteerable',
    message: expect.stringContaining('nothing of it is parked or stuck'),
  });
  await controlSaga(stores, { ...retry, control: 'compensate' });
  const [sent] = await store.claim({ limit: 1, leaseMs: 60_000 });
  if (sent === undefined) throw new Error('giving up sends what undoes');
  await store.giveBack({ command: sent, error: 'no' });
  await controlSaga(stores, { ...retry, control: 'close' });

  expect(await planSagaControl(stores, retry)).toEqual(['Its parked FreeSeat is delivered again.']);
  expect(await controlSaga(stores, retry)).toMatchObject({ status: 'done', commands: [{ type: 'FreeSeat', parked: false }] });
  expect(await store.claim({ limit: 5, leaseMs: 60_000 })).toMatchObject([{ type: 'FreeSeat' }]);
  await expect(controlSaga(stores, retry)).rejects.toMatchObject({ message: expect.stringContaining('it has ended') });
});

test('what was parked may be forgotten before it is retried: that is said, and no line is left of it', async () => {
  await using given = await withRunningSaga();
  const { stores, store } = given;
  await controlSaga(stores, { id: 't', control: 'compensate', operator });
  const [sent] = await store.claim({ limit: 1, leaseMs: 60_000 });
  if (sent === undefined) throw new Error('giving up sends what undoes');
  await store.giveBack({ command: sent, error: 'no' });
  await controlSaga(stores, { id: 't', control: 'close', operator });
  const begin = stores.audit.begin.bind(stores.audit); // after it was looked at, and before it is changed
  vi.spyOn(stores.audit, 'begin').mockImplementation(async (entry) => {
    await begin(entry);
    expect(await store.prune({ doneForDays: 0, limit: 5 })).toBe(1);
  });
  await expect(controlSaga(stores, { id: 't', control: 'retry', operator })).rejects.toMatchObject({
    code: 'SagaNotSteerable',
    message: expect.stringContaining('it has ended'),
  });
  expect(await showSaga(stores, { id: 't' })).toMatchObject({ status: 'done', commands: [], history: [] });
  expect(await stores.audit.actions({ limit: 1 })).toMatchObject([{ verb: 'saga retry', outcome: { succeeded: false } }]);
});

test('a saga whose definition is gone can be closed, and nothing else', async () => {
  await using given = await withRunningSaga();
  const stores = { ...given.stores, application: defineApplication({ name: 'trips', aggregates: [] }) };
  await expect(controlSaga(stores, { id: 't', control: 'retry', operator })).rejects.toMatchObject({ code: 'DefinitionInvalid' });
  expect(await controlSaga(stores, { id: 't', control: 'close', operator })).toMatchObject({ status: 'done' });
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
  await store.advance({ processManager: 'booking', partitions: [{ lease, after: 0 }], position: 1, instances: ['t'], react });
  const application = defineApplication({ name: 'trips', aggregates: [], processManagers: [booking] });
  const stores = openSagaStores({ command_db: database.serviceUrl }, { application, applicationName: 'kiroku-tests' });
  return {
    store,
    stores,
    async [Symbol.asyncDispose]() {
      await stores[Symbol.asyncDispose]();
      await pool.end();
      await database[Symbol.asyncDispose]();
    },
  };
}
