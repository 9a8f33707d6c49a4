import { defineSqlProjection, type JobControl, type Projection, type Row } from '@kiroku/core';
import { foldOneByOne, ledger, ledgerEvents, ledgerMoves } from '@kiroku/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { steerJob } from '../job-control/control-job.ts';
import { planRetire, retireBuilds } from '../projection-retire/retire-builds.ts';
import { projectionVerifyJob } from '../projection-verify/projection-verify-job.ts';
import { deposits, type LedgerWorld, ledgerWorld } from './ledger-world.test-service.ts';
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
    await expect.poll(() => positionsOf(world), { timeout: 10_000 }).toEqual([[200], [200]]);
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
    expect(await positionsOf(world)).toEqual([[50], [100]]);
  });

  test('stays beside the build that is read when it is told not to switch', async () => {
    await using world = await ledgerWorld();
    await world.append(deposits(50, 10));
    await world.follow();
    const report = await world.run(rebuildJob(world.open), { ...wanted, noSwitch: true });
    expect(report.projections).toMatchObject([{ build: 2, switched: false }]);
    expect(await world.stores.builds.versions()).toMatchObject([{ activeBuild: 1 }]);
  });

  test('in several partitions and passes comes to the same', async () => {
    const projection = { ...ledger, partitions: 3 };
    await using world = await ledgerWorld(projection);
    const moves = deposits(6_000, 3_000);
    await world.append(moves);
    await world.follow();
    await world.run(rebuildJob(world.open), { ...wanted, memoryBytes: 600_000 });
    expect(await world.rows(2)).toEqual(await world.rows(1));
    expect(await positionsOf(world)).toEqual([
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
      { job: { ...job, arguments: { ...wanted, maxRate: 1_000 } } },
    );
    await expect.poll(() => world.stores.builds.versions(), { timeout: 10_000 }).toMatchObject([{ builds: [{}, { state: 'building' }] }]);
    await world.stores.jobs.cancel(job.id);
    await expect(running).rejects.toMatchObject({ code: 'JobInterrupted' });
    expect(await world.stores.builds.versions()).toMatchObject([{ activeBuild: 1, builds: [{}, { state: 'retired' }] }]);
  });
});

describe('a rebuild that did not come to its end', () => {
  /** A rebuild that fails where it is about to call a method of `builds`. */
  async function broken(method: 'finish' | 'switchTo') {
    const world = await ledgerWorld();
    await world.append(deposits(50, 10));
    await world.follow();
    const claim = { owner: 'tests', leaseMs: 10_000 };
    const { id } = await world.stores.jobs.create(
      { id: crypto.randomUUID(), verb: 'projection rebuild', arguments: wanted, createdBy: 'bob' },
      claim,
    );
    const job = await world.stores.jobs.job(id);
    const open = () => {
      const stores = world.open();
      stores.builds[method] = () => Promise.reject(new Error('killed'));
      return stores;
    };
    await expect(world.run(rebuildJob(open), wanted, { job })).rejects.toThrow('killed');
    return {
      world,
      id,
      resume: async () => {
        await world.stores.jobs.resume(id);
        const resumed = await world.stores.jobs.claim({ ...claim, id, verbs: [job.verb] });
        if (resumed === undefined) throw new Error('it is queued');
        return world.run(rebuildJob(world.open), wanted, { job: resumed });
      },
      steer: (control: JobControl) => steerJob(world.stores, { id, control, operator: { name: 'ada' } }),
      states: async () => (await world.stores.builds.versions())[0]?.builds.map(({ state }) => state),
      [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
    };
  }

  test('goes no further than the rows it had loaded, however long the log has become', async () => {
    await using given = await broken('finish');
    await given.world.append(deposits(10_100, 10));
    expect((await given.resume()).projections).toMatchObject([{ build: 2, switched: true }]);
    expect(await given.world.rows(2)).toEqual(await given.world.rows(1));
  });

  test('is complete if an earlier run of the job has completed its build', async () => {
    await using given = await broken('finish');
    const { builds } = given.world.stores;
    await builds.finish({ projection: ledger, build: 2, epoch: 1 }, { position: 50, parked: [] });
    expect(await given.resume()).toMatchObject({ events: 50, projections: [{ build: 2, switched: true }] });
  });

  test('does not switch back when a later one has been switched to', async () => {
    await using given = await broken('switchTo');
    await given.world.run(rebuildJob(given.world.open), wanted);
    await expect(given.resume()).rejects.toMatchObject({ code: 'BuildOutdated', details: { build: 2, active: 3 } });
    expect(await given.world.stores.builds.versions()).toMatchObject([{ activeBuild: 3 }]);
  });

  test.each(['finish', 'switchTo'] as const)(
    'leaves nothing behind when it is cancelled, although no process runs it (%s)',
    async (method) => {
      await using given = await broken(method);
      expect(await given.steer('cancel')).toMatchObject({ state: 'cancelled' });
      expect(await given.states()).toEqual(['ready', 'retired']);
    },
  );

  test('leaves a build that can be retired', async () => {
    await using given = await broken('finish');
    const { stores } = given.world;
    const plan = await planRetire(stores, { name: ledger.name });
    expect(plan.builds).toMatchObject([{ build: 2 }]);
    await retireBuilds(stores, { plan, operator: { name: 'ada' } });
    expect(await given.states()).toEqual(['ready', 'retired']);
  });

  test('keeps others from beginning one, and its build from being retired, while it may go on by itself', async () => {
    await using given = await broken('finish');
    const { stores } = given.world;
    await stores.jobs.resume(given.id);
    const refusal = { code: 'RebuildUnderWay', details: { job: given.id } };
    await expect(planRebuild(stores, { names: [ledger.name] })).rejects.toMatchObject(refusal);
    await expect(planRetire(stores, { name: ledger.name, build: 2 })).rejects.toMatchObject({ code: 'BuildInUse' });
  });
});

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
      begun: () => expect.poll(() => states(world), { timeout: 10_000 }).toEqual(['ready', 'ready']),
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
    expect((await positionsOf(world))[1]?.[0]).toBeGreaterThanOrEqual(2_900);
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

describe('a rebuild from an event on', () => {
  test('equals a rebuild of the whole', async () => {
    await using world = await ledgerWorld({ ...ledger, partitions: 2 });
    await fc.assert(
      fc.asyncProperty(ledgerMoves, fc.nat(60), async (moves, back) => {
        const head = await world.append([...moves, ...deposits(1, 1)]);
        await world.follow();
        const fromEventNumber = Math.max(1, head - back);
        const report = await world.run(rebuildJob(world.open), { ...wanted, fromEventNumber });
        const build = report.projections[0]?.build ?? 0;
        const all = [];
        for (let after = 0; after < head; after += 1_000) all.push(...(await world.stores.events.readLog({ after })).events);
        for (const [table, rows] of Object.entries(foldOneByOne(ledger, all)))
          expect(await world.rows(build, table)).toEqual(inOrder(rows as Row[]));
      }),
      { numRuns: 8 },
    );
  });

  test('carries over what is not touched, right or wrong, and refolds what is', async () => {
    await using world = await ledgerWorld();
    await world.append([...deposits(10, 10), ...deposits(1, 1)]);
    await world.follow();
    await world.sql('update contract_ledger_v1.account set balance = 77 where id in ($1, $2)', ['a-0', 'a-5']);
    const report = await world.run(rebuildJob(world.open), { ...wanted, fromEventNumber: 11 });
    expect(report.projections).toMatchObject([{ build: 2, rows: 2, switched: true }]);
    const balances = Object.fromEntries((await world.rows(2)).map(({ id, balance }) => [id, balance]));
    expect(balances).toMatchObject({ 'a-0': 2, 'a-1': 1, 'a-5': 77 });
  });

  test('that the log does not have is refused, with the head', async () => {
    await using world = await ledgerWorld();
    await world.append(deposits(10, 2));
    await world.follow();
    await expect(world.run(rebuildJob(world.open), { ...wanted, fromEventNumber: 11 })).rejects.toMatchObject({
      code: 'BadRequest',
      message: expect.stringContaining('positions 1 to 10'),
    });
    expect(await world.stores.builds.versions()).toMatchObject([{ builds: [{ build: 1 }] }]);
  });
});

test('a rebuild from inconsistencies refolds exactly the keys that are wrong', async () => {
  await using world = await ledgerWorld();
  await world.append(deposits(20, 10));
  await world.follow();
  await world.sql('update contract_ledger_v1.account set balance = 77 where id = $1', ['a-5']);
  await world.sql('delete from contract_ledger_v1.account where id = $1', ['a-6']);
  await world.sql(
    "insert into contract_ledger_v1.account select 'extra', balance, blocked, opened_at, opened_on, last_note, entries from contract_ledger_v1.account where id = 'a-1'",
  );
  const report = await world.run(rebuildJob(world.open), { ...wanted, fromInconsistency: true });
  expect(report.projections).toMatchObject([{ build: 2, rows: 2, switched: true }]);
  expect((await world.rows(2)).map(({ id, balance }) => `${String(id)} ${String(balance)}`)).toEqual(
    Array.from({ length: 10 }, (_, n) => `a-${n} 2`),
  );
});

async function positionsOf({ stores }: LedgerWorld): Promise<readonly (readonly number[])[]> {
  const [status] = await stores.builds.versions();
  return status?.builds.map(({ partitions }) => partitions.map(({ position }) => position)) ?? [];
}

function failing(projection: Projection, when: (event: { readonly position: number }) => boolean): Projection {
  const { account, ...others } = projection.tables;
  if (account === undefined) throw new Error('the sample has this table');
  const fold: typeof account.fold = (row, event, key) => {
    if (when(event)) throw new RangeError('not understood');
    return account.fold(row, event, key);
  };
  return { ...projection, tables: { ...others, account: { ...account, fold } } };
}

function inOrder(rows: readonly Row[]): readonly Row[] {
  return [...rows].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
