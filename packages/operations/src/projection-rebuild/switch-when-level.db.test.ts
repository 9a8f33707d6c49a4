import { ledger } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { deposits, ledgerWorld } from './ledger-world.test-service.ts';
import { switchWhenLevel } from './switch-when-level.ts';

test('a build that nobody moves is given up, and switched to once it moves again', async () => {
  await using world = await ledgerWorld();
  await world.append(deposits(100, 10));
  await world.follow();
  const { builds, events } = world.stores;
  await builds.setPaused(ledger, true);
  const model = await builds.create(ledger, { log: (await events.head()).log, job: crypto.randomUUID() });
  await builds.finish(model, { position: 0, parked: [] });
  const { readModels } = world.stores;
  const options = {
    stores: world.stores,
    readModels,
    projection: ledger,
    build: 2,
    instance: 'rebuild',
    signal: AbortSignal.timeout(100_000),
  };
  await expect(switchWhenLevel({ ...options, patienceMs: 0 })).rejects.toMatchObject({
    code: 'NotCaughtUp',
    message: expect.stringContaining('stands still at position 0'),
  });
  expect(await builds.versions()).toMatchObject([{ activeBuild: 1 }]);
  await builds.setPaused(ledger, false);
  await switchWhenLevel(options);
  expect(await builds.versions()).toMatchObject([{ activeBuild: 2 }]);
});
