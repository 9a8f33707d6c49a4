import { MomentsClient, OperationsClient } from '@kiroku/client';
import type { Application } from '@kiroku/core';
import { runClaimedJob } from '@kiroku/engine';
import { openOperatingStores, openReplayStores, replayJob } from '@kiroku/operations';
import { migrate } from '@kiroku/postgres';
import { InMemoryKeyStore, ledger, throwAwayDatabase } from '@kiroku/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveOperations } from './serve-operations.test-service.ts';

const application: Application = { name: 'test', aggregates: [], projections: [ledger], processManagers: [] };
const deposit = (account: string, amount: number) => ({ type: 'Deposited', data: { account, amount } });

/** The API over a log of three events, its clients, and whoever runs its jobs. */
async function serve() {
  const databases = {
    event_store: await throwAwayDatabase('event_store', migrate),
    command_db: await throwAwayDatabase('command_db', migrate),
    query_db: await throwAwayDatabase('query_db', migrate),
  };
  const { event_store, command_db, query_db } = databases;
  const urls = { event_store: event_store.serviceUrl, command_db: command_db.serviceUrl, query_db: query_db.serviceUrl };
  const open = { application, keys: new InMemoryKeyStore() };
  const stores = openOperatingStores(urls, 'kiroku-tests');
  const moments = openReplayStores(urls, open);
  const events = [deposit('ann', 5), deposit('bob', 7), deposit('ann', 1)];
  await moments.events.append({ streams: [{ stream: 'account-1', expectedVersion: 'any', events }] });
  const api = await serveOperations({ stores, moments });
  return {
    moments: new MomentsClient(api),
    operations: new OperationsClient(api),
    runNext: async () => {
      const job = await stores.jobs.claim({ verbs: ['replay'], provides: ['contract-ledger@1'], owner: 'tests', leaseMs: 10_000 });
      if (job === undefined) throw new Error('there was nothing to claim');
      return runClaimedJob(job, replayJob(urls, open) as never, { store: stores.jobs }); // with the arguments of its own job
    },
    async [Symbol.asyncDispose]() {
      await api[Symbol.asyncDispose]();
      await Promise.all([stores[Symbol.asyncDispose](), moments[Symbol.asyncDispose]()]);
      for (const database of Object.values(databases)) await database[Symbol.asyncDispose]();
    },
  };
}

describe('the operations API on moments', () => {
  let given: Awaited<ReturnType<typeof serve>>;
  beforeAll(async () => {
    given = await serve();
  });
  afterAll(() => given[Symbol.asyncDispose]());

  it('says what a replay would build, and refuses what cannot be', async () => {
    const { moments } = given;
    expect(await moments.planReplay({ until: 2, into: 'then', replace: true })).toMatchObject({
      arguments: { moment: { name: 'then', position: 2 }, projections: [{ name: 'contract-ledger', version: 1 }], replace: true },
      schemas: ['then_contract_ledger_v1'],
    });
    await expect(moments.planReplay({ until: 4 })).rejects.toMatchObject({ code: 'BadRequest', message: expect.stringMatching(/1 to 3/) });
    await expect(moments.planReplay({ until: 'yesterday' })).rejects.toMatchObject({ code: 'BadRequest' });
    await expect(moments.replay({ until: 2, names: ['contract-leger'] })).rejects.toMatchObject({ code: 'NotFound' });
    await expect(moments.showMoment('then')).rejects.toMatchObject({ code: 'NotFound' });
  });

  it('queues a replay, which is in the audit log at once, and with its end', async () => {
    const { moments, operations, runNext } = given;
    const { id, state } = await moments.replay({ until: 2, names: ['contract-ledger'], memoryBytes: 1_000_000 });
    expect(state).toBe('queued');
    const action = { operator: 'ada', source: 'operations API', reason: 'drill', verb: 'replay', arguments: { moment: { position: 2 } } };
    const [begun] = await operations.listActions({ limit: 1 });
    expect(begun).toMatchObject({ id, ...action });
    expect(begun?.outcome).toBeUndefined();
    expect((await runNext()).state).toBe('done');
    expect(await operations.listActions({ limit: 1 })).toMatchObject([
      { ...action, outcome: { succeeded: true, after: { moment: 'at_2' } } },
    ]);
    expect(await moments.listMoments({ limit: 5 })).toMatchObject([
      { name: 'at_2', projections: [{ job: id, builtAt: expect.any(String) }] },
    ]);
  });

  it('compares moments, with the first rows of each table', async () => {
    const { moments, runNext } = given;
    await moments.replay({ until: 3 });
    await runNext();
    const all = await moments.diffMoments({ before: 'at_2', after: 'at_3', limit: 10 });
    expect(all.tables).toContainEqual({ projection: 'contract-ledger', table: 'account', added: 0, removed: 0, changed: 1 });
    expect(all.rows).toContainEqual(
      expect.objectContaining({
        kind: 'changed',
        key: { id: 'ann' },
        fields: expect.objectContaining({ balance: { before: 5, after: 6 } }),
      }),
    );
    const [first, ...others] = await moments.listMoments({ limit: 1 });
    expect([first?.name, others]).toEqual(['at_2', []]);
    expect((await moments.listMoments({ limit: 1, after: '2,at_2' })).map(({ name }) => name)).toEqual(['at_3']);
    expect(await moments.listMoments({ limit: 1, after: '3,at_3' })).toEqual([]);
    await expect(moments.listMoments({ limit: 1, after: 'at_3' })).rejects.toMatchObject({ code: 'BadRequest' });
    const none = await moments.diffMoments({ before: 'at_2', after: 'at_3', names: ['contract-ledger'], limit: 0 });
    expect([none.tables, none.rows]).toEqual([all.tables, []]);
    await expect(moments.diffMoments({ before: 'at_2', after: 'live', limit: 1 })).rejects.toMatchObject({ code: 'MomentNotBuilt' });
  });

  it('drops one, and the audit log says who did', async () => {
    const { moments, operations } = given;
    expect(await moments.dropMoment('at_2')).toMatchObject({ name: 'at_2', position: 2 });
    await expect(moments.dropMoment('at_2')).rejects.toMatchObject({ code: 'NotFound' });
    expect(await operations.listActions({ verb: 'replay drop', limit: 1 })).toMatchObject([
      { operator: 'ada', source: 'operations API', arguments: { name: 'at_2' }, outcome: { succeeded: true } },
    ]);
  });
});
