import type { ProcessInstance } from '@kiroku/core';
import { throwAwayDatabase } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { migrate } from '../migrate/migrate.ts';
import { createPool } from '../pool.ts';
import { PostgresProcessManagerStore } from './postgres-process-manager-store.ts';
import { findInstances, listInstances, readProcessManagerStats } from './read-instances.ts';

const log = { id: '0199f0a0-0000-7000-8000-000000000001', timeline: 1 };
const at = (phase: string, step: string) => ({ phase, step });
const instances: readonly ProcessInstance[] = [
  { id: 'waiting', state: at('running', 'pay'), status: 'running' },
  { id: 'stuck', state: at('running', 'pay'), status: 'running' },
  { id: 'whole', state: at('completed', ''), status: 'done' },
  { id: 'undone', state: { ...at('compensated', ''), reason: 'declined' }, status: 'done' },
  { id: 'broken', state: at('compensating', 'pay'), status: 'failed', failure: 'it cannot be undone' },
];

test('people see which sagas there are, what each waits for, and how they ended', async () => {
  await using given = await withInstances();
  const { pool } = given;
  const failed = await listInstances(pool, { status: 'failed', limit: 5 });
  expect(failed).toMatchObject([{ id: 'broken', failure: 'it cannot be undone', phase: 'compensating', step: 'pay', parked: 0 }]);
  const ended = await listInstances(pool, { status: 'done', limit: 5 });
  expect(ended.map(({ id, reason }) => [id, reason]).sort()).toEqual([
    ['undone', 'declined'],
    ['whole', null],
  ]);
  expect((await listInstances(pool, { processManager: 'other', limit: 5 })).length).toBe(0);
  expect((await listInstances(pool, { limit: 2 })).length).toBe(2);
  expect(await listInstances(pool, { status: 'stuck', limit: 5 })).toMatchObject([{ id: 'stuck', status: 'running', parked: 1 }]);

  const [stuck] = await findInstances(pool, { id: 'stuck' });
  expect(stuck?.commands).toMatchObject([{ type: 'Pay', parked: true, attempts: 1, lastError: 'no' }]);
  expect(stuck?.timers).toMatchObject([{ name: 'timeout' }]);
  expect(stuck?.history).toMatchObject([
    { kind: 'event', what: 'Asked', reference: null },
    { kind: 'parked', what: 'Pay: no' },
  ]);
  expect(await findInstances(pool, { id: 'stuck', processManager: 'other' })).toEqual([]);

  const [stats] = await readProcessManagerStats(pool);
  expect(stats).toMatchObject({ processManager: 'booking', started: 5, running: 2, completed: 1, compensated: 1, failed: 1, stuck: 1 });
  expect(stats?.oldestRunning).toMatch(/^\d{4}-/);
});

test('what is told of an instance is of its process manager, though another has one of the same id', async () => {
  await using given = await withInstances();
  const { pool, store } = given;
  await store.prepare('travelling', log);
  const [lease] = await store.attend({ instance: 'test', processManagers: ['travelling'], leaseMs: 60_000 });
  if (lease === undefined) throw new Error('a lone process gets every partition');
  const other: ProcessInstance = { id: 'stuck', state: at('running', 'go'), status: 'running' };
  const react = () => ({ instances: [other], commands: [] });
  await store.advance({ processManager: 'travelling', partitions: [{ lease, after: 0 }], position: 1, instances: [], react });
  const told = await findInstances(pool, { id: 'stuck', processManager: 'travelling' });
  expect(told).toMatchObject([{ processManager: 'travelling', history: [], commands: [], timers: [] }]);
  expect(await listInstances(pool, { processManager: 'travelling', limit: 5 })).toMatchObject([{ id: 'stuck', parked: 0 }]);
  expect(await listInstances(pool, { processManager: 'travelling', status: 'stuck', limit: 5 })).toEqual([]);
  const stats = await readProcessManagerStats(pool);
  expect(stats.map(({ processManager, running, stuck }) => [processManager, running, stuck])).toEqual([
    ['booking', 2, 1],
    ['travelling', 1, 0],
  ]);
});

test('an instance began and ended when it first did, and moved when it last heard something', async () => {
  await using given = await withInstances();
  const { pool, store, lease } = given;
  const whole = async () => (await findInstances(pool, { id: 'whole' }))[0];
  const before = await whole();
  const heard: ProcessInstance = { id: 'whole', state: at('completed', 'late'), status: 'done' };
  const react = () => ({ instances: [heard], commands: [] });
  await store.advance({ processManager: 'booking', partitions: [{ lease, after: 1 }], position: 2, instances: [], react });
  const after = await whole();
  expect(after).toEqual({ ...before, state: heard.state, updatedAt: after?.updatedAt });
  expect(Date.parse(`${after?.updatedAt}`)).toBeGreaterThan(Date.parse(`${before?.updatedAt}`));
  await store.intervene({
    processManager: 'booking',
    instance: 'broken',
    react: (broken) => ({ instances: [{ id: broken.id, state: broken.state, status: 'running' }], commands: [] }),
  });
  expect((await findInstances(pool, { id: 'broken' }))[0]).toMatchObject({ status: 'running', failure: null, endedAt: null });
});

async function withInstances() {
  const database = await throwAwayDatabase('command_db', migrate);
  const pool = createPool({ url: database.serviceUrl, applicationName: 'kiroku-tests' });
  const store = new PostgresProcessManagerStore({ pool });
  await store.prepare('booking', log);
  const [lease] = await store.attend({ instance: 'test', processManagers: ['booking'], leaseMs: 60_000 });
  if (lease === undefined) throw new Error('a lone process gets every partition');
  const [id, instance] = ['0199f0a0-0000-7000-8000-000000000101', 'stuck'];
  const pay = { id, processManager: 'booking', instance, type: 'Pay', data: {}, metadata: {} };
  const timers = [{ instance, name: 'timeout', id, metadata: {}, due: { inMs: 60_000 } }];
  const history = [{ instance, kind: 'event', what: 'Asked' } as const];
  const react = () => ({ instances, commands: [pay], timers, history });
  await store.advance({ processManager: 'booking', partitions: [{ lease, after: 0 }], position: 1, instances: [], react });
  const [claimed] = await store.claim({ limit: 1, leaseMs: 60_000 });
  if (claimed !== undefined) await store.giveBack({ command: claimed, error: 'no' });
  return {
    pool,
    store,
    lease,
    async [Symbol.asyncDispose]() {
      await pool.end();
      await database[Symbol.asyncDispose]();
    },
  };
}
