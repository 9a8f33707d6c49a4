import { InMemoryKeyStore, ledger } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { ensureBuilt, unbuilt } from './ensure-built.ts';
import { deposits, type LedgerWorld, ledgerWorld } from './ledger-world.test-service.ts';

const next = { ...ledger, version: 2 };

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

function start(world: LedgerWorld, owner: string): Promise<void> {
  return ensureBuilt(world.urls, { ...optionsOf(owner), signal: AbortSignal.timeout(30_000) });
}

function optionsOf(owner: string) {
  const application = { name: 'test', aggregates: [], projections: [next], processManagers: [] };
  return { application, applicationName: 'kiroku-tests', keys: new InMemoryKeyStore(), owner, projections: [next] };
}
