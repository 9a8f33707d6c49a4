import { OperationsClient, SagasClient } from '@kiroku/client';
import { defineApplication } from '@kiroku/core';
import { openOperatingStores, openSagaStores } from '@kiroku/operations';
import { createPool, migrate, PostgresProcessManagerStore } from '@kiroku/postgres';
import { booking, recordedAs, throwAwayDatabase } from '@kiroku/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveOperations } from './serve-operations.test-service.ts';

const application = defineApplication({ name: 'trips', aggregates: [], processManagers: [booking] });

/** The API over two running sagas, and its clients. */
async function serve() {
  const database = await throwAwayDatabase('command_db', migrate);
  const command_db = database.serviceUrl;
  const pool = createPool({ url: command_db, applicationName: 'kiroku-tests' });
  const store = new PostgresProcessManagerStore({ pool });
  await store.prepare('booking', { id: '0199f0a0-0000-7000-8000-000000000001', timeline: 1 });
  const [lease] = await store.attend({ instance: 'test', processManagers: ['booking'], leaseMs: 60_000 });
  if (lease === undefined) throw new Error('a lone process gets every partition');
  const trips = ['trip/1 ü', 'trip 2'];
  const instances = trips.map((trip, index) => {
    const asked = recordedAs(index + 1, { type: 'TripAsked', data: { trip, seats: ['a'] } });
    return { id: trip, state: booking.react(booking.initialState, asked).state, status: 'running' as const };
  });
  const react = () => ({ instances, commands: [] });
  await store.advance({ processManager: 'booking', partitions: [{ lease, after: 0 }], position: 2, instances: trips, react });
  const stores = openOperatingStores({ command_db }, 'kiroku-tests');
  const sagas = openSagaStores({ command_db }, { application, applicationName: 'kiroku-tests' });
  const api = await serveOperations({ stores, sagas });
  return {
    sagas: new SagasClient(api),
    nameless: new SagasClient({ url: api.url, operator: { name: 'bob' } }),
    operations: new OperationsClient(api),
    async [Symbol.asyncDispose]() {
      await api[Symbol.asyncDispose]();
      await Promise.all([stores[Symbol.asyncDispose](), sagas[Symbol.asyncDispose](), pool.end()]);
      await database[Symbol.asyncDispose]();
    },
  };
}

describe('the operations API on sagas', () => {
  let given: Awaited<ReturnType<typeof serve>>;
  beforeAll(async () => {
    given = await serve();
  });
  afterAll(() => given[Symbol.asyncDispose]());

  it('shows them', async () => {
    const { sagas } = given;
    expect((await sagas.listSagas({ status: 'running', processManager: 'booking', limit: 5 })).map(({ id }) => id).sort()).toEqual([
      'trip 2',
      'trip/1 ü',
    ]);
    expect(await sagas.listSagas({ status: 'failed', limit: 5 })).toEqual([]);
    expect(await sagas.listSagas({ before: '2026-01-01T00:00:00Z', limit: 5 })).toEqual([]);
    const [first] = await sagas.listSagas({ limit: 1 });
    const place = [first?.updatedAt, first?.processManager, first?.id].map((part) => encodeURIComponent(part ?? '')).join();
    expect(await sagas.listSagas({ before: place, limit: 5 })).toHaveLength(1);
    await expect(sagas.listSagas({ before: 'soon', limit: 5 })).rejects.toMatchObject({ code: 'BadRequest' });
    expect(await sagas.showSaga({ id: 'trip 2', lines: 5, before: 1 })).toMatchObject({ history: [], historyBefore: null });
    expect(await sagas.showSaga({ id: 'trip/1 ü' })).toMatchObject({
      processManager: 'booking',
      status: 'running',
      state: { phase: 'running' },
    });
    expect(await sagas.sagaStats()).toMatchObject([{ processManager: 'booking', started: 2, running: 2 }]);
    expect(await sagas.sagaDiagram('booking')).toContain('flowchart');
  });

  it('says what a control would lead to, and does it on behalf of somebody', async () => {
    const { sagas, operations } = given;
    const steering = { id: 'trip/1 ü', control: 'compensate', processManager: 'booking' } as const;
    expect(await sagas.planSagaControl(steering)).toEqual(['It sends FreeSeat.']);
    expect(await sagas.controlSaga(steering)).toMatchObject({ state: { phase: 'compensating', reason: 'drill' } });
    expect(await operations.listActions({ limit: 1 })).toMatchObject([
      {
        operator: 'ada',
        source: 'operations API',
        verb: 'saga compensate',
        reason: 'drill',
        arguments: { id: 'trip/1 ü', processManager: 'booking' },
        outcome: { succeeded: true },
      },
    ]);
    await expect(sagas.controlSaga(steering)).rejects.toMatchObject({ code: 'SagaNotSteerable' });
  });

  it('closes one only for a reason', async () => {
    await expect(given.nameless.controlSaga({ id: 'trip 2', control: 'close' })).rejects.toMatchObject({ code: 'BadRequest' });
    expect(await given.sagas.controlSaga({ id: 'trip 2', control: 'close' })).toMatchObject({ status: 'done' });
  });

  it('tells of what is not there', async () => {
    await expect(given.sagas.showSaga({ id: 'nothing' })).rejects.toMatchObject({ code: 'NotFound' });
    await expect(given.sagas.showSaga({ id: 'trip 2', processManager: 'fulfilment' })).rejects.toMatchObject({ code: 'NotFound' });
    await expect(given.sagas.sagaDiagram('fulfilment')).rejects.toMatchObject({
      code: 'NotFound',
      message: expect.stringContaining('booking'),
    });
  });
});
