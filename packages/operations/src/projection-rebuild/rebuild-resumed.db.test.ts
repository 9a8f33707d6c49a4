import type { JobControl } from '@kiroku/core';
import { ledger } from '@kiroku/testing';
import { describe, expect, test } from 'vitest';
import { steerJob } from '../job-control/control-job.ts';
import { planRetire, retireBuilds } from '../projection-retire/retire-builds.ts';
import { deposits, ledgerWorld } from './ledger-world.test-service.ts';
import { planRebuild } from './plan-rebuild.ts';
import { rebuildJob } from './rebuild-job.ts';

const wanted = { projections: [{ name: ledger.name, version: ledger.version }] };

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
