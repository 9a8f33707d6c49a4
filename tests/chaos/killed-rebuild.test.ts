import { expect, test } from 'vitest';
import { end, rebuiltLedger } from './rebuilt-ledger.ts';

test('a rebuild whose process is killed at random moments goes on, and comes to the same rows', async () => {
  const head = 6_000;
  await using given = await rebuiltLedger({ head, accounts: 1_500, leaseMs: 4_000 });
  const { stores } = given;
  // slowly, in several passes: there is much to be killed in
  const id = await given.queue({ memoryBytes: 200_000, maxRate: 10_000 });
  for (let kills = 0; kills < 2; kills++) {
    const child = given.start(id, `p-${kills}`);
    await expect.poll(async () => (await stores.jobs.job(id)).owner, { timeout: 60_000, interval: 20 }).toBe(`p-${kills}`);
    await new Promise((resolve) => setTimeout(resolve, 200 + Math.random() * 1_500));
    await end(child);
  }
  const last = given.start(id, 'last');
  await expect.poll(async () => (await stores.jobs.job(id)).state, { timeout: 90_000, interval: 100 }).toBe('done');
  await end(last);
  const [status] = await stores.builds.versions();
  expect(status).toMatchObject({ activeBuild: 2, builds: [{}, { build: 2, state: 'ready', partitions: [{ position: head }] }] });
  await given.expectRight(2);
}, 180_000);

// at most five in a row that do not get further: a sixth would be `JobAbandoned`
test.each([
  ['until its rows are in the tables', ['before create', 'after create', 'before load', 'amid load', 'after load']],
  ['from then on', ['before readRows', 'before finish', 'after finish', 'before switchTo', 'after switchTo']],
])('a rebuild whose process is killed at each step, %s, goes on, and leaves nothing behind', async (_, steps) => {
  await using given = await rebuiltLedger({ head: 1_000, accounts: 100, leaseMs: 30_000 }); // long: one that lapsed would be one in a row more
  const { stores } = given;
  const id = await given.queue({});
  for (const step of steps) {
    const child = given.start(id, step, step);
    await expect.poll(() => child.signalCode, { timeout: 60_000, interval: 10 }).toBe('SIGKILL');
    expect(await stores.jobs.job(id)).toMatchObject({ owner: step, state: 'running' });
    await given.endLease(id);
  }
  const last = given.start(id, 'last');
  await expect.poll(async () => (await stores.jobs.job(id)).state, { timeout: 60_000, interval: 20 }).toBe('done');
  await end(last);
  const [status] = await stores.builds.versions();
  expect(status).toMatchObject({ activeBuild: 2, previousBuild: 1, builds: [{ build: 1 }, { build: 2, state: 'ready' }] });
  await given.expectRight(2);
});
