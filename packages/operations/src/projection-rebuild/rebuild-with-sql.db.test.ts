import { defineSqlProjection } from '@kiroku/core';
import { ledgerEvents } from '@kiroku/testing';
import { describe, expect, test } from 'vitest';
import { projectionVerifyJob } from '../projection-verify/projection-verify-job.ts';
import { deposits, type LedgerWorld, ledgerWorld } from './ledger-world.test-service.ts';
import { rebuildJob } from './rebuild-job.ts';

const wanted = { projections: [{ name: 'contract-ledger', version: 1 }] };

describe('a rebuild of a projection with SQL of its own', () => {
  /** Counts events, unless it is held up. */
  const tallyOf = (isHeldUp = () => false) =>
    defineSqlProjection({
      name: 'contract-ledger',
      version: 1,
      events: ledgerEvents,
      schema: ['create table tally (type text primary key, events bigint not null)'],
      apply: async (sql, events) => {
        if (isHeldUp()) throw new Error('held up');
        for (const { type } of events) {
          await sql.query('insert into tally values ($1, 1) on conflict (type) do update set events = tally.events + 1', [type]);
        }
      },
    });
  const tally = tallyOf();

  /** Followed so far; what follows from now on is held up until `letGo`. */
  async function heldUp() {
    let held = false;
    const world = await ledgerWorld(tallyOf(() => held));
    await world.append(deposits(200, 10));
    await world.follow();
    held = true;
    const id = crypto.randomUUID();
    const claim = { owner: 'tests', leaseMs: 10_000 };
    const job = await world.stores.jobs.create({ id, verb: 'projection rebuild', arguments: wanted, createdBy: 'bob' }, claim);
    return {
      world,
      job,
      letGo: () => {
        held = false;
      },
      /** Its build is there, and is being followed. */
      begun: () => expect.poll(() => states(world), { timeout: 30_000 }).toEqual(['ready', 'ready']),
      [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
    };
  }

  const states = async ({ stores }: LedgerWorld) => (await stores.builds.versions())[0]?.builds.map(({ state }) => state);
  const counted = (world: LedgerWorld) => world.sql('select * from contract_ledger_v1_b2.tally');

  test('follows the log from its beginning beside the build that is read, and switches when it has caught up', async () => {
    await using world = await ledgerWorld(tally);
    await world.append(deposits(200, 10));
    await world.follow();
    const report = await world.run(rebuildJob(world.open), wanted);
    expect(report).toMatchObject({ events: 200, projections: [{ build: 2, rows: 1, switched: true }] });
    expect(await world.stores.builds.versions()).toMatchObject([{ activeBuild: 2, previousBuild: 1 }]);
    expect(await counted(world)).toEqual([{ type: 'Deposited', events: 200 }]);
    expect(await world.stores.jobs.jobs({ limit: 1 })).toMatchObject([{ progress: { done: 200, total: 200, unit: 'events' } }]);
  });

  test('follows the log itself when nobody else does', async () => {
    await using world = await ledgerWorld(tally);
    await world.append(deposits(200, 10));
    await world.run(rebuildJob(world.open), wanted);
    expect(await world.stores.builds.versions()).toMatchObject([{ activeBuild: 1, builds: [{ partitions: [{ position: 200 }] }] }]);
  });

  test('has caught up before it is left beside the one that is read', async () => {
    await using world = await ledgerWorld(tally);
    await world.append(deposits(3_000, 10));
    await world.follow();
    const report = await world.run(rebuildJob(world.open), { ...wanted, noSwitch: true });
    expect(report.projections).toMatchObject([{ build: 2, switched: false }]);
    expect(await world.stores.builds.versions()).toMatchObject([{ activeBuild: 1 }]);
    expect((await world.positions())[1]?.[0]).toBeGreaterThanOrEqual(2_900);
  });

  test('goes on with the build it had begun when it is resumed', async () => {
    await using given = await heldUp();
    const { world, job, letGo, begun } = given;
    const paused = new AbortController();
    const running = world.run(rebuildJob(world.open), wanted, { job, signal: paused.signal });
    await begun();
    paused.abort();
    await expect(running).rejects.toMatchObject({ code: 'JobInterrupted' });
    letGo();
    await world.stores.jobs.resume(job.id);
    const resumed = await world.stores.jobs.claim({ id: job.id, owner: 'tests', leaseMs: 10_000, verbs: [job.verb], provides: [] });
    expect((await world.run(rebuildJob(world.open), wanted, resumed && { job: resumed })).projections).toMatchObject([
      { build: 2, switched: true },
    ]);
    expect(await counted(world)).toEqual([{ type: 'Deposited', events: 200 }]);
  });

  test('goes on with the build of a process that was killed before it was followed', async () => {
    await using given = await heldUp();
    const { world, job, letGo } = given;
    const { log } = await world.stores.events.head();
    await world.stores.builds.create(tally, { log, job: job.id });
    letGo();
    expect((await world.run(rebuildJob(world.open), wanted, { job })).projections).toMatchObject([{ build: 2, switched: true }]);
  });

  test('that is cancelled drops what it had begun', async () => {
    await using given = await heldUp();
    const { world, job, begun } = given;
    const running = world.run(rebuildJob(world.open), wanted, { job });
    await begun();
    await world.stores.jobs.cancel(job.id);
    await expect(running).rejects.toMatchObject({ code: 'JobInterrupted' });
    expect(await states(world)).toEqual(['ready', 'retired']);
  });

  test('is refused while another catches up, and drops what one that has failed left behind', async () => {
    await using given = await heldUp();
    const { world, job, letGo, begun } = given;
    const paused = new AbortController();
    const running = world.run(rebuildJob(world.open), wanted, { job, signal: paused.signal });
    await begun();
    await expect(world.run(rebuildJob(world.open), wanted)).rejects.toMatchObject({ code: 'RebuildUnderWay', details: { job: job.id } });
    paused.abort();
    await expect(running).rejects.toMatchObject({ code: 'JobInterrupted' });
    letGo();
    await world.stores.jobs.cancel(job.id);
    expect((await world.run(rebuildJob(world.open), wanted)).projections).toMatchObject([{ build: 3, switched: true }]);
    expect(await states(world)).toEqual(['ready', 'retired', 'ready']);
  });

  test('cannot be in parts, nor can it be verified', async () => {
    await using world = await ledgerWorld(tally);
    await world.append(deposits(20, 10));
    await world.follow();
    for (const part of [{ fromEventNumber: 1 }, { fromInconsistency: true }]) {
      await expect(world.run(rebuildJob(world.open), { ...wanted, ...part })).rejects.toMatchObject({ code: 'ProjectionUnsupported' });
    }
    await expect(world.run(projectionVerifyJob(world.open), wanted)).rejects.toMatchObject({ code: 'ProjectionUnsupported' });
    expect(await world.stores.builds.versions()).toMatchObject([{ builds: [{ build: 1 }] }]);
  });
});
