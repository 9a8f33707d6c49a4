import type { Projection } from '@kiroku/core';
import { ledger } from '@kiroku/testing';
import { describe, expect, test } from 'vitest';
import { deposits, ledgerWorld } from './ledger-world.test-service.ts';
import { planRebuild } from './plan-rebuild.ts';
import { rebuildJob } from './rebuild-job.ts';

const wanted = { projections: [{ name: ledger.name, version: ledger.version }] };

describe('a rebuild', () => {
  test('makes the same rows beside those that are read, and switches to them', async () => {
    await using world = await ledgerWorld();
    await world.append(deposits(3_000, 700));
    await world.follow();
    const report = await world.run(rebuildJob(world.open), wanted);
    expect(report.projections).toMatchObject([{ build: 2, rows: 700 + 700, parked: 0, switched: true, spare: [] }]);
    const [status] = await world.stores.builds.versions();
    expect(status).toMatchObject({ activeBuild: 2, previousBuild: 1 });
    expect(await world.rows(2)).toEqual(await world.rows(1));
    expect(await world.rows(2, 'day')).toEqual(await world.rows(1, 'day'));
  });

  test('is followed from then on, as is the build before, so that both can be read', async () => {
    await using world = await ledgerWorld();
    await world.append(deposits(100, 10));
    const worker = await world.follow();
    await world.run(rebuildJob(world.open), wanted);
    await world.append(deposits(100, 10));
    await expect.poll(() => world.positions(), { timeout: 30_000 }).toEqual([[200], [200]]);
    expect(worker.status().partitions).toHaveLength(2);
    expect(await world.rows(2)).toEqual(await world.rows(1));
  });

  test('needs nobody else to be running', async () => {
    await using world = await ledgerWorld();
    await world.append(deposits(50, 10));
    const worker = await world.follow();
    await worker.stop();
    await world.append(deposits(50, 10));
    await world.run(rebuildJob(world.open), wanted);
    expect(await world.positions()).toEqual([[50], [100]]);
  });

  test('stays beside the build that is read when it is told not to switch', async () => {
    await using world = await ledgerWorld();
    await world.append(deposits(50, 10));
    await world.follow();
    const report = await world.run(rebuildJob(world.open), { ...wanted, noSwitch: true });
    expect(report.projections).toMatchObject([{ build: 2, switched: false }]);
    expect(await world.stores.builds.versions()).toMatchObject([{ activeBuild: 1 }]);
  });

  test('retires what is older than the build it replaces, if it is told to, and says before which', async () => {
    await using world = await ledgerWorld();
    await world.append(deposits(50, 10));
    await world.follow();
    for (let time = 0; time < 3; time += 1) await world.run(rebuildJob(world.open), wanted);
    const plan = await planRebuild(world.stores, { names: [ledger.name], retire: true });
    expect(plan.projections).toMatchObject([{ activeBuild: 4, followed: 4, retires: [1, 2, 3] }]);
    const report = await world.run(rebuildJob(world.open), { ...wanted, retire: true });
    expect(report.projections).toMatchObject([{ build: 5, switched: true, retired: [1, 2, 3], spare: [] }]);
    const [status] = await world.stores.builds.versions();
    expect(status).toMatchObject({ activeBuild: 5, previousBuild: 4 });
    expect(status?.builds.map(({ state }) => state)).toEqual(['retired', 'retired', 'retired', 'ready', 'ready']);
  });

  test('retires nothing when it is not switched to', async () => {
    await using world = await ledgerWorld();
    await world.append(deposits(50, 10));
    await world.follow();
    const choice = { names: [ledger.name], retire: true, noSwitch: true };
    await expect(planRebuild(world.stores, choice)).rejects.toMatchObject({ code: 'BadRequest' });
  });

  test('in several partitions and passes comes to the same', async () => {
    const projection = { ...ledger, partitions: 3 };
    await using world = await ledgerWorld(projection);
    const moves = deposits(6_000, 3_000);
    await world.append(moves);
    await world.follow();
    await world.run(rebuildJob(world.open), { ...wanted, memoryBytes: 600_000 });
    expect(await world.rows(2)).toEqual(await world.rows(1));
    expect(await world.positions()).toEqual([
      [6_000, 6_000, 6_000],
      [6_000, 6_000, 6_000],
    ]);
  });

  test('parks what the live path parks, and may be switched to', async () => {
    const broken = failing(ledger, ({ position }) => position === 7);
    await using world = await ledgerWorld(broken);
    await world.append(deposits(40, 5));
    await world.follow();
    const report = await world.run(rebuildJob(world.open), wanted);
    expect(report.projections).toMatchObject([{ parked: 1, switched: true }]);
    const keys = await world.stores.builds.parkedKeys({ limit: 10 });
    expect(keys).toMatchObject([
      { build: 1, keyText: 'a-1', position: 7, events: 7 },
      { build: 2, keyText: 'a-1', position: 7, events: 7 },
    ]);
  });

  test('that parks what the live path has not refuses to switch, and leaves the live model as it is', async () => {
    await using world = await ledgerWorld(failing(ledger, ({ position }) => position === 7 && failNow));
    let failNow = false;
    await world.append(deposits(40, 5));
    await world.follow();
    failNow = true;
    await expect(world.run(rebuildJob(world.open), wanted)).rejects.toMatchObject({ code: 'ParkedKeys' });
    expect(await world.stores.builds.versions()).toMatchObject([{ activeBuild: 1, builds: [{ build: 1 }, { build: 2, state: 'ready' }] }]);
    await world.stores.builds.switchTo({ projection: ledger, build: 2 }, { force: true });
    expect(await world.stores.builds.versions()).toMatchObject([{ activeBuild: 2 }]);
  });

  test('of one that is being rebuilt is refused; what a job that has ended left behind is dropped', async () => {
    await using world = await ledgerWorld();
    await world.append(deposits(10, 2));
    await world.follow();
    const other = await world.stores.jobs.create({
      id: crypto.randomUUID(),
      verb: 'projection rebuild',
      arguments: wanted,
      createdBy: 'bob',
    });
    const { log } = await world.stores.events.head();
    await world.stores.builds.create(ledger, { log, job: other.id });
    await expect(world.run(rebuildJob(world.open), wanted)).rejects.toMatchObject({ code: 'RebuildUnderWay', details: { job: other.id } });
    await world.stores.jobs.cancel(other.id);
    expect((await world.run(rebuildJob(world.open), wanted)).projections).toMatchObject([{ build: 3, switched: true }]);
    expect(await world.stores.builds.versions()).toMatchObject([{ builds: [{}, { state: 'retired' }, { state: 'ready' }] }]);
  });

  test('of a table that somebody altered by hand makes a new one, as it is declared', async () => {
    await using world = await ledgerWorld();
    await world.append(deposits(10, 2));
    const worker = await world.follow();
    const before = await world.rows(1);
    await worker.stop();
    await world.sql('alter table contract_ledger_v1.account drop column blocked');
    await world.run(rebuildJob(world.open), wanted);
    expect(await world.rows(2)).toEqual(before);
  });

  test('with other columns than those that run under the version is refused: they could not follow it', async () => {
    await using world = await ledgerWorld();
    await world.append(deposits(10, 2));
    const worker = await world.follow();
    const { account, ...others } = ledger.tables;
    if (account === undefined) throw new Error('the sample has this table');
    const widened = { ...ledger, tables: { ...others, account: { ...account, columns: { ...account.columns, note: 'text?' as const } } } };
    const stores = { ...world.stores, application: { ...world.application, projections: [widened] } };
    await expect(planRebuild(stores, { names: [ledger.name] })).rejects.toMatchObject({
      code: 'DefinitionInvalid',
      message: expect.stringMatching(/account\.note.*Raise.*version/),
    });
    await worker.stop();
    expect((await planRebuild(stores, { names: [ledger.name] })).projections).toMatchObject([{ activeBuild: 1 }]);
  });

  test('that is cancelled drops what it had begun', async () => {
    await using world = await ledgerWorld();
    await world.append(deposits(5_000, 10));
    await world.follow();
    const job = await world.stores.jobs.create(
      { id: crypto.randomUUID(), verb: 'projection rebuild', arguments: wanted, createdBy: 'bob' },
      { owner: 'tests', leaseMs: 10_000 },
    );
    const running = world.run(
      rebuildJob(world.open),
      { ...wanted, maxRate: 100 },
      { job: { ...job, arguments: { ...wanted, maxRate: 100 } } },
    );
    await expect.poll(() => world.stores.builds.versions(), { timeout: 30_000 }).toMatchObject([{ builds: [{}, { state: 'building' }] }]);
    await world.stores.jobs.cancel(job.id);
    await expect(running).rejects.toMatchObject({ code: 'JobInterrupted' });
    expect(await world.stores.builds.versions()).toMatchObject([{ activeBuild: 1, builds: [{}, { state: 'retired' }] }]);
  });
});

function failing(projection: Projection, when: (event: { readonly position: number }) => boolean): Projection {
  const { account, ...others } = projection.tables;
  if (account === undefined) throw new Error('the sample has this table');
  const fold: typeof account.fold = (row, event, key) => {
    if (when(event)) throw new RangeError('not understood');
    return account.fold(row, event, key);
  };
  return { ...projection, tables: { ...others, account: { ...account, fold } } };
}
