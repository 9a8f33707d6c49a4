import type { RecordedEvent } from '@kiroku/core';
import { ledger } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { type FoldThreads, foldInThreads } from './fold-in-threads.ts';
import { deposits, type LedgerWorld, ledgerWorld } from './ledger-world.test-service.ts';
import { rebuildJob } from './rebuild-job.ts';

const wanted = { projections: [{ name: ledger.name, version: ledger.version }], maxLagSeconds: 0, parallel: 3 };
const testing = new URL('../../../testing/dist/index.js', import.meta.url).href; // threads run what is built
const application = `data:text/javascript,import { ledger } from '${testing}';
  export const application = { name: 'test', aggregates: [], projections: [ledger], processManagers: [] };`;

test('a projection by the ids of streams is rebuilt in parts, each in several passes, and comes to the same rows', async () => {
  await using world = await accountsWorld(6_000, 3_000);
  const report = await world.run(rebuildJob(world.open, threads(world)), { ...wanted, memoryBytes: 600_000 });
  expect(report.projections).toMatchObject([{ build: 2, rows: 3_000 + 3_000, switched: true }]);
  expect(report.events).toBeGreaterThan(6_000 * 2);
  await expectSame(world);
});

test('an event that touches rows of several parts, found late, makes it begin again without parts', async () => {
  await using world = await ledgerWorld();
  const transfer = { type: 'Transferred', data: { account: 'a-1', to: 'a-2', amount: 3 } };
  await world.append([...deposits(3_000, 60), transfer, ...deposits(5_999, 60)], accountOf);
  await world.follow();
  const job = await world.stores.jobs.create(
    { id: crypto.randomUUID(), verb: 'projection rebuild', arguments: wanted, createdBy: 'ada' },
    { owner: 'tests', leaseMs: 10_000 },
  );
  await world.run(rebuildJob(world.open, threads(world)), wanted, { job });
  const log = await world.stores.jobs.lines(job.id, 10);
  expect(log.map(({ text }) => text).join('\n')).toMatch(/cannot be folded in parts.*it is begun again/);
  expect(await world.stores.builds.versions()).toMatchObject([{ activeBuild: 3, builds: [{}, { state: 'retired' }, {}] }]);
  await expectSame(world, 3);
});

test('parts that were interrupted are gone on with, also by a process without threads', async () => {
  await using world = await accountsWorld(6_000, 3_000);
  const args = { ...wanted, memoryBytes: 600_000, maxRate: 1_500 };
  const job = await world.stores.jobs.create(
    { id: crypto.randomUUID(), verb: 'projection rebuild', arguments: args, createdBy: 'ada' },
    { owner: 'tests', leaseMs: 10_000 },
  );
  const stopping = new AbortController();
  const stopped = world.run(rebuildJob(world.open, threads(world)), args, { job, signal: stopping.signal });
  await expect.poll(() => progressTables(world), { timeout: 60_000 }).toBeGreaterThan(0);
  stopping.abort();
  await expect(stopped).rejects.toMatchObject({ code: 'JobInterrupted' });
  await world.stores.jobs.resume(job.id);
  const again = await world.stores.jobs.claim({
    owner: 'tests',
    leaseMs: 10_000,
    verbs: ['projection rebuild'],
    provides: [`${ledger.name}@1`],
  });
  await world.run(rebuildJob(world.open), wanted, again && { job: { ...again, arguments: wanted } });
  await expectSame(world);
});

test('a thread that cannot find the application fails the job with what was wrong, and what is read stays', async () => {
  await using world = await accountsWorld(100, 10);
  const lost = { ...threads(world), applicationModule: { module: 'file:///nowhere.js', export: 'application' } };
  await expect(world.run(rebuildJob(world.open, lost), wanted)).rejects.toThrow('nowhere.js');
  expect(await world.stores.builds.versions()).toMatchObject([{ activeBuild: 1 }]);
});

test('what fails after a build is loaded ends all, while the thread goes on with the next', async () => {
  await using world = await accountsWorld(6_000, 3_000);
  const { log, position } = await world.stores.events.head();
  const tasks = await Promise.all(
    [1, 2].map(async (version) => {
      const { build, epoch } = await world.stores.builds.create({ ...ledger, version }, { log, job: crypto.randomUUID() });
      return { projection: ledger.name, version, build, epoch };
    }),
  );
  const folding = foldInThreads({
    ...threads(world),
    applicationModule: { module: application.replace('[ledger]', '[ledger, { ...ledger, version: 2 }]'), export: 'application' },
    tasks,
    threads: 1,
    until: position,
    memoryBytes: 2 ** 28,
    signal: new AbortController().signal,
    throttle: async () => undefined,
    onLoad: async () => undefined,
    onLoaded: () => Promise.reject(new Error('there is no room')),
    onKept: () => undefined,
    onRead: () => undefined,
  });
  await expect(folding).rejects.toThrow('there is no room');
});

function accountOf({ data }: Pick<RecordedEvent, 'data'>): string {
  return data.account as string; // of every move
}

async function accountsWorld(events: number, accounts: number): Promise<LedgerWorld> {
  const world = await ledgerWorld();
  await world.append(deposits(events, accounts), accountOf);
  await world.follow();
  return world;
}

function threads({ urls }: LedgerWorld): FoldThreads {
  const keys = { findKey: () => Promise.resolve(undefined) } as never; // there is no personal data in these events
  return { applicationModule: { module: application, export: 'application' }, databases: urls, keys };
}

async function expectSame(world: LedgerWorld, build = 2): Promise<void> {
  for (const table of ['account', 'day']) expect(await world.rows(build, table)).toEqual(await world.rows(1, table));
}

async function progressTables(world: LedgerWorld): Promise<number> {
  const [found] = await world.sql("select count(*)::int as count from pg_class where relname like '#progress %'");
  return Number(found?.count);
}
