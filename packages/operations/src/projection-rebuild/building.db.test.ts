import { ledger } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { Building } from './building.ts';
import { completeBuild } from './complete-build.ts';
import { foldBuilds } from './fold-builds.ts';
import { deposits, type LedgerWorld, ledgerWorld } from './ledger-world.test-service.ts';

test('a build that was kept in the middle of a pass goes on from there, not from the beginning', async () => {
  await using world = await ledgerWorld();
  const begun = await begunOf(world, 250);
  await begun.keep();
  const goesOn = await Building.open(world.stores.builds, begun.model);
  expect(goesOn.fold.position).toBe(250);
  expect(await fold(world, goesOn)).toBe(150);
  expect(await world.rows(2)).toEqual(await world.rows(1));
});

test('a build whose process was killed after it had loaded its rows has nothing left to fold', async () => {
  await using world = await ledgerWorld();
  const killed = await begunOf(world, 400);
  expect(await killed.load()).toBe(false);
  expect(await fold(world, await Building.open(world.stores.builds, killed.model))).toBe(0);
  expect(await world.rows(2)).toEqual(await world.rows(1));
});

test('a build whose process was killed with a share of its keys loaded goes on with the others, also with more memory', async () => {
  await using world = await ledgerWorld();
  const killed = await begunOf(world, 400);
  await killed.keep();
  killed.putOff(killed.fold.halve());
  expect(await killed.load()).toBe(true);
  expect(await fold(world, await Building.open(world.stores.builds, killed.model))).toBe(400);
  for (const table of ['account', 'day']) expect(await world.rows(2, table)).toEqual(await world.rows(1, table));
});

test('a build whose rows are not read as they were folded is not used', async () => {
  await using world = await ledgerWorld();
  await world.append(deposits(400, 40));
  await world.follow();
  const { log } = await world.stores.events.head();
  const model = await world.stores.builds.create(ledger, { log, job: crypto.randomUUID() });
  const building = await Building.open(world.stores.builds, model);
  await world.sql('create function spoil() returns trigger language plpgsql as $$ begin new.balance := 7; return new; end $$');
  await world.sql('create trigger spoil before insert on contract_ledger_v1_b2.account for each row execute function spoil()');
  await expect(fold(world, building)).rejects.toThrow('what is read of account is not what was folded');
  expect(await world.stores.builds.versions()).toMatchObject([{ activeBuild: 1, builds: [{}, { state: 'building' }] }]);
});

test('a build is loaded no further when its run has to stop, and other work gets its turn before it is', async () => {
  await using world = await ledgerWorld();
  await world.append(deposits(5_000, 5_000));
  const { log } = await world.stores.events.head();
  const { builds } = world.stores;
  const model = await builds.create(ledger, { log, job: crypto.randomUUID() });
  const building = await Building.open(builds, model);
  for (let at = 0; at < 5_000; at = building.fold.position) {
    const page = await world.stores.events.readLog({ after: at });
    building.fold.fold(page.events, page.position);
  }
  const stopped = new AbortController();
  setImmediate(() => stopped.abort(new Error('the lease is lost')));
  await expect(building.load(stopped.signal)).rejects.toThrow('the lease is lost');
  const loaded = await builds.readRows(model, async (snapshot) => {
    for await (const page of snapshot.rows('account')) return page.length;
    return 0;
  });
  expect(loaded).toBe(0);
});

/** A build of 400 deposits, folded up to a position. */
async function begunOf(world: LedgerWorld, until: number): Promise<Building> {
  await world.append(deposits(400, 40));
  await world.follow();
  const { log } = await world.stores.events.head();
  const building = await Building.open(world.stores.builds, await world.stores.builds.create(ledger, { log, job: crypto.randomUUID() }));
  const { events } = await world.stores.events.readLog({ until });
  building.fold.fold(events, until);
  return building;
}

/** Folds and completes it; returns how many events were read. */
async function fold({ stores }: LedgerWorld, building: Building): Promise<number> {
  let read = 0;
  await foldBuilds({
    stores,
    buildings: [building],
    until: 400,
    memoryBytes: 1e9,
    signal: new AbortController().signal,
    throttle: () => Promise.resolve(),
    extend: true,
    onLoad: () => Promise.resolve(),
    onKept: () => undefined,
    onLoaded: ({ model, loaded }) =>
      completeBuild({ builds: stores.builds, model, loaded: [loaded], position: 400, check: true, signal: new AbortController().signal }),
    onRead: (events) => {
      read += events;
    },
  });
  return read;
}
