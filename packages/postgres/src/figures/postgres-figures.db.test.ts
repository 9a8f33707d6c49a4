import type { ProcessInstance } from '@kiroku/core';
import { ledger, throwAwayDatabase } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { PostgresEventStore } from '../event-store/postgres-event-store.ts';
import { migrate } from '../migrate/migrate.ts';
import { createPool } from '../pool.ts';
import { PostgresProcessManagerStore } from '../process-managers/postgres-process-manager-store.ts';
import { PostgresReadModelStore } from '../read-models/postgres-read-model-store.ts';
import { PostgresLogFigures } from './postgres-log-figures.ts';
import { PostgresReadModelFigures } from './postgres-read-model-figures.ts';
import { PostgresWorkFigures } from './postgres-work-figures.ts';

const applicationName = 'kiroku-tests';
const log = { id: '0199f0a0-0000-7000-8000-000000000001', timeline: 1 };
const idOf = (number: number) => `0199f0a0-0000-7000-8000-00000000010${number}`;

test('what waits in command_db is told: sagas, commands, timers, and how far each has come', async () => {
  await using database = await throwAwayDatabase('command_db', migrate);
  await using pool = createPool({ url: database.serviceUrl, applicationName });
  const figures = new PostgresWorkFigures(pool);
  const store = new PostgresProcessManagerStore({ pool });
  expect(await figures.positions(['booking'])).toEqual([]);
  await store.prepare('booking', log);
  const leases = await store.attend({ instance: 'test', processManagers: ['booking'], leaseMs: 60_000 });
  const running = (id: string): ProcessInstance => ({ id, state: { phase: 'running' }, status: 'running' });
  const ended = { ...running('ended'), status: 'done' as const }; // what it had sent before may be parked yet: nobody need look at it
  const instances = [running('waiting'), running('stuck'), ended];
  const command = (number: number, instance: string) => ({
    id: idOf(number),
    processManager: 'booking',
    instance,
    type: 'Pay',
    data: {},
    metadata: {},
  });
  const timer = (number: number, inMs: number) => ({
    instance: 'waiting',
    name: `timer ${number}`,
    id: idOf(number),
    metadata: {},
    due: { inMs },
  });
  const [first, ...others] = leases;
  if (first === undefined) throw new Error('a lone process gets every partition');
  const nothing = { instances: [], react: () => ({ instances: [], commands: [] }) };
  const partitions = others.map((lease) => ({ lease, after: 0 }));
  await store.advance({ processManager: first.processManager, partitions, position: 9, ...nothing });
  await store.advance({
    processManager: first.processManager,
    partitions: [{ lease: first, after: 0 }],
    position: 7,
    instances: [],
    react: () => ({
      instances,
      commands: [command(1, 'stuck'), command(3, 'ended'), command(2, 'waiting')],
      timers: [timer(1, 0), timer(2, 60_000)],
    }),
  });
  for (const claimed of await store.claim({ limit: 2, leaseMs: 60_000 })) await store.giveBack({ command: claimed, error: 'no' });

  await pool.query(
    "insert into kiroku.jobs (id, verb, arguments, created_by, state, error, ended_at) select id, 'replay', '{}', 'ada', 'failed', 'no', now() - age from (values (gen_random_uuid(), interval '1 hour'), (gen_random_uuid(), interval '2 days')) as given (id, age)",
  );
  expect(await figures.waiting(['booking', 'other'])).toEqual({
    sagas: [
      { name: 'booking', open: 2, stuck: 1 },
      { name: 'other', open: 0, stuck: 0 },
    ],
    outgoing: { waiting: 1, parked: 2, oldestSeconds: expect.toSatisfy((seconds: number) => seconds > 0 && seconds < 60) },
    timers: [
      { name: 'booking', waiting: 2, overdue: 1, overdueSeconds: expect.toSatisfy((seconds: number) => seconds > 0 && seconds < 60) },
      { name: 'other', waiting: 0, overdue: 0, overdueSeconds: 0 },
    ],
    consumers: [],
    failedJobs: 1,
  });
  expect(await figures.positions(['booking', 'other'])).toEqual([{ kind: 'processManager', name: 'booking', position: 7 }]);
});

test('the log says where it ends, and how far positions are behind', async () => {
  await using database = await throwAwayDatabase('event_store', migrate);
  await using pool = createPool({ url: database.serviceUrl, applicationName });
  const figures = new PostgresLogFigures(pool);
  await using store = new PostgresEventStore({ pool });
  expect(await figures.position()).toBe(0);
  expect(await figures.partitionsAhead()).toBeGreaterThan(0);
  const events = [{ type: 'Happened', data: {} }];
  for (let count = 0; count < 3; count++) await store.append({ streams: [{ stream: 'a-1', expectedVersion: 'any', events }] });
  expect(await figures.position()).toBe(3);
  expect(await figures.lags([3, 1, 3])).toEqual([
    { events: 0, seconds: 0 },
    { events: 2, seconds: expect.toSatisfy((seconds: number) => seconds > 0 && seconds < 60) },
    { events: 0, seconds: 0 },
  ]);
});

test('a projection is unbuilt, orphaned, followed, stalled or paused, by what is stored', async () => {
  await using database = await throwAwayDatabase('query_db', migrate);
  await using pool = createPool({ url: database.serviceUrl, applicationName });
  const figures = new PostgresReadModelFigures(pool);
  const readModels = new PostgresReadModelStore({ pool });
  const state = async () => (await figures.read([ledger]))[0];
  expect(await state()).toEqual({ name: ledger.name, state: 'unbuilt', position: null, parkedKeys: 0, spareBuilds: 0 });
  await readModels.prepare(ledger, log);
  expect(await state()).toMatchObject({ state: 'orphaned', position: 0 });
  const leases = await readModels.attend({ instance: 'one', projections: [ledger], leaseMs: 60_000 });
  for (const lease of leases) {
    await readModels.apply({ lease, after: 0, position: 4, log, touched: {}, fold: () => ({ changes: [], parks: [] }) });
  }
  expect(await state()).toMatchObject({ state: 'following', position: 4 });
  await pool.query(
    "insert into kiroku.parked_keys (projection, version, build, table_name, key_text, partition, position, event_type, error_code, error_message) values ($1, $2, 1, 'a', 'b', 0, 4, 'Happened', 'Internal', 'no')",
    [ledger.name, ledger.version],
  );
  await pool.query("update kiroku.projection_partitions set stalled_reason = 'no', stalled_since = now() where partition = 0");
  expect(await state()).toMatchObject({ state: 'stalled', parkedKeys: 1 });
  await pool.query('update kiroku.projection_versions set paused_at = now()');
  expect(await state()).toMatchObject({ state: 'paused' });
});
