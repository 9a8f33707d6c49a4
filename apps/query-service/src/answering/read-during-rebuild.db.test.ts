import type { JsonObject } from '@kiroku/core';
import { ProjectionWorker, runClaimedJob } from '@kiroku/engine';
import { type DatabaseUrls, jobDefinitions, openRebuildStores } from '@kiroku/operations';
import { createPool, migrate, PostgresEventStore } from '@kiroku/postgres';
import { InMemoryKeyStore, ledger, throwAwayDatabase } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { QueryDatabase } from './query-database.ts';
import { readStatement } from './read-statement.ts';
import { Snapshots } from './snapshots.ts';

const accounts = 200;
const balances = readStatement({
  statement: (tables) => tables.of(ledger).selectFrom('account').select(['balance', 'id']),
  result: (rows) => rows,
});

test('who reads all the time while read models are rebuilt, switched and rolled back sees every row, right, and never goes back in time', async () => {
  await using given = await bank();
  const until = new AbortController();
  const moving = given.moveMoney(until.signal);
  const readers = Promise.all([given.read(until.signal), given.read(until.signal)]);
  for (let round = 0; round < 3; round++) await given.rebuild();
  await given.switchTo(3);
  await given.switchTo(4);
  until.abort();
  const [reads] = await Promise.all([readers, moving]);
  expect(new Set(reads.flatMap(({ faults }) => faults))).toEqual(new Set());
  expect(reads.flatMap(({ builds }) => [...builds])).toEqual(expect.arrayContaining([1, 2, 3, 4]));
}, 120_000);

/** Accounts whose balances add up to nothing, whatever is transferred between them. */
async function bank() {
  const databases = {
    event_store: await throwAwayDatabase('event_store', migrate),
    command_db: await throwAwayDatabase('command_db', migrate),
    query_db: await throwAwayDatabase('query_db', migrate),
  };
  const [events, commands, queries] = [databases.event_store, databases.command_db, databases.query_db].map(({ serviceUrl }) => serviceUrl);
  const urls = { event_store: events, command_db: commands, query_db: queries } as DatabaseUrls; // all three are there
  const application = { name: 'test', aggregates: [], projections: [ledger], processManagers: [] };
  const keys = new InMemoryKeyStore();
  const stores = openRebuildStores(urls, { application, applicationName: 'kiroku-tests', keys });
  const log = new PostgresEventStore({ url: urls.event_store });
  const pool = createPool({ url: urls.query_db, applicationName: 'kiroku-tests', plansOnce: true });
  const snapshots = new Snapshots(new QueryDatabase(pool));
  const append = (moves: readonly { readonly type: string; readonly data: JsonObject }[]) =>
    log.append({ streams: [{ stream: 'ledger-1', expectedVersion: 'any', events: moves }] });
  const transfer = (n: number) => ({
    type: 'Transferred',
    data: { account: `a-${n % accounts}`, to: `a-${(n * 7 + 1) % accounts}`, amount: 1 + (n % 9) },
  });
  await append(Array.from({ length: accounts * 5 }, (_, n) => transfer(n)));
  const worker = new ProjectionWorker({ eventStore: log, readModels: stores.readModels, projections: [ledger], instance: 'worker' });
  await worker.start();
  await expect.poll(() => stores.readModels.checkpoint(ledger), { timeout: 60_000 }).toBe(accounts * 5);
  return {
    moveMoney: async (signal: AbortSignal) => {
      for (let n = 0; !signal.aborted; n++) await append([transfer(n), transfer(n + 3)]);
    },
    read: async (signal: AbortSignal) => {
      const [faults, builds] = [[] as string[], new Set<number>()];
      for (let [last, ends] = [0, false]; !ends; ) {
        ends = signal.aborted; // it reads once more: the last switch may have been a moment ago
        const { position, result } = await snapshots.read([ledger], { statement: balances, params: undefined });
        if (position < last) faults.push(`position went from ${last} to ${position}`);
        if (result.length !== accounts) faults.push(`${result.length} accounts at ${position}`);
        const sum = result.reduce((total, { balance }) => total + balance, 0);
        if (sum !== 0) faults.push(`a sum of ${sum} at ${position}`);
        last = position;
        const [status] = await stores.builds.versions();
        if (status?.activeBuild !== undefined) builds.add(status.activeBuild);
      }
      return { faults, builds };
    },
    rebuild: async () => {
      const definition = jobDefinitions(urls, { application, keys }).find(({ verb }) => verb === 'projection rebuild');
      if (definition === undefined) throw new Error('There is no job that rebuilds.');
      const wanted = { projections: [{ name: ledger.name, version: 1 }] };
      const job = await stores.jobs.create(
        { id: crypto.randomUUID(), verb: definition.verb, arguments: wanted, createdBy: 'tests' },
        { owner: 'tests', leaseMs: 30_000 },
      );
      expect(await runClaimedJob(job, definition, { store: stores.jobs, leaseMs: 30_000 })).toMatchObject({ state: 'done' });
    },
    switchTo: (build: number) => stores.builds.switchTo({ projection: ledger, build }),
    [Symbol.asyncDispose]: async () => {
      await worker.stop();
      await log.stop();
      await pool.end();
      await stores[Symbol.asyncDispose]();
      for (const database of Object.values(databases)) await database[Symbol.asyncDispose]();
    },
  };
}
