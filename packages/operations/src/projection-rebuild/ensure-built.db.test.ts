import { defineSqlProjection, type Projection } from '@kiroku/core';
import { InMemoryKeyStore, ledger, ledgerEvents } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { ensureBuilt, unbuilt } from './ensure-built.ts';
import { deposits, type LedgerWorld, ledgerWorld } from './ledger-world.test-service.ts';

const next = { ...ledger, version: 2 };
const tally = defineSqlProjection({
  name: ledger.name,
  version: 2,
  events: ledgerEvents,
  schema: ['create table tally (events bigint not null)', 'insert into tally values (0)'],
  apply: async (sql, events) => void (await sql.query('update tally set events = events + $1', [events.length])),
});

test('a version that was deployed is built by one of the instances that start with it, beside the one that is read', async () => {
  await using world = await ledgerWorld();
  await world.append(deposits(200, 10));
  await world.follow();
  expect(await unbuilt(world.stores, { projections: [next], threshold: 100 })).toEqual([next]);
  await Promise.all([1, 2, 3].map((instance) => start(world, `query-service ${instance}`)));
  expect(await world.stores.builds.versions()).toMatchObject([
    { version: 1, activeBuild: 1 },
    { version: 2, activeBuild: 1, builds: [{ state: 'ready', partitions: [{ position: 200 }] }] },
  ]);
  expect(await world.stores.jobs.jobs({ limit: 10 })).toMatchObject([{ state: 'done', requires: ['contract-ledger@2'] }]);
  expect(await unbuilt(world.stores, { projections: [next], threshold: 100 })).toEqual([]);
});

test('one with SQL of its own is built the same way, by following the log', async () => {
  await using world = await ledgerWorld();
  await world.append(deposits(200, 10));
  await world.follow();
  expect(await unbuilt(world.stores, { projections: [tally], threshold: 100 })).toEqual([tally]);
  await Promise.all([1, 2, 3].map((instance) => start(world, `query-service ${instance}`, tally)));
  expect(await world.stores.builds.versions()).toMatchObject([
    { version: 1, activeBuild: 1 },
    { version: 2, activeBuild: 1, builds: [{ state: 'ready', partitions: [{ position: 200 }] }] },
  ]);
  expect(await world.sql('select * from contract_ledger_v2.tally')).toEqual([{ events: 200 }]);
  expect(await world.stores.jobs.jobs({ limit: 10 })).toMatchObject([{ state: 'done', requires: ['contract-ledger@2'] }]);
});

test('one that was begun is gone on with, however short the log is', async () => {
  await using world = await ledgerWorld();
  await world.append(deposits(10, 10));
  const { log } = await world.stores.events.head();
  const model = await world.stores.builds.create(tally, { log, job: crypto.randomUUID() });
  await world.stores.builds.finish(model, { position: 0, parked: [] });
  expect(await unbuilt(world.stores, { projections: [tally], threshold: 100 })).toEqual([tally]);
});

test('one that was built and retired is built again when its code is deployed again', async () => {
  await using world = await ledgerWorld({ ...ledger, version: 3 });
  await world.append(deposits(200, 10));
  await start(world, 'query-service 1');
  await world.follow();
  await world.stores.builds.retire({ projection: next, build: 1 });
  await start(world, 'query-service 2');
  expect(await world.stores.builds.versions()).toMatchObject([
    { version: 2, activeBuild: 2, builds: [{ state: 'retired' }, { state: 'ready', partitions: [{ position: 200 }] }] },
    { version: 3, activeBuild: 1 },
  ]);
});

test('a short log is followed from its beginning', async () => {
  await using world = await ledgerWorld();
  await world.append(deposits(200, 10));
  expect(await unbuilt(world.stores, { projections: [next], threshold: 200 })).toEqual([]);
});

test('waiting for a version to be built ends with the signal', async () => {
  await using world = await ledgerWorld();
  await world.append(deposits(10, 10));
  await ensureBuilt(world.urls, { ...optionsOf('query-service 1'), signal: AbortSignal.abort() });
  expect(await world.stores.builds.versions()).toEqual([]);
});

test.each(['paused', 'cancelled'] as const)(
  'whoever does not wait for an operator is told of a job that is %s, and how to go on',
  async (state) => {
    await using world = await ledgerWorld();
    await world.append(deposits(10, 10));
    const waiting = new AbortController();
    const job = async () => (await world.stores.jobs.jobs({ limit: 1 }))[0];
    const halted = ensureBuilt(world.urls, {
      ...optionsOf('query-service 1'),
      application: { name: 'test', aggregates: [], projections: [], processManagers: [] }, // so that it is not taken up
      signal: waiting.signal,
    });
    await expect.poll(job).toMatchObject({ state: 'queued' });
    waiting.abort();
    await halted;
    const id = (await job())?.id ?? '';
    await (state === 'paused' ? world.stores.jobs.pause(id) : world.stores.jobs.cancel(id));
    const options = { ...optionsOf('doctor'), signal: AbortSignal.timeout(100_000), failsWithJob: true };
    await expect(ensureBuilt(world.urls, options)).rejects.toMatchObject({
      code: 'RebuildHeldUp',
      message: expect.stringMatching(new RegExp(`job ${id} is ${state}.*kiroku job resume ${id}`)),
    });
  },
);

function start(world: LedgerWorld, owner: string, projection?: Projection): Promise<void> {
  return ensureBuilt(world.urls, { ...optionsOf(owner, projection), signal: AbortSignal.timeout(100_000) });
}

function optionsOf(owner: string, projection: Projection = next) {
  const application = { name: 'test', aggregates: [], projections: [projection], processManagers: [] };
  return { application, applicationName: 'kiroku-tests', keys: new InMemoryKeyStore(), owner, projections: [projection] };
}
