import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Row } from '@kiroku/core';
import { openRebuildStores } from '@kiroku/operations';
import { migrate, PostgresEventStore } from '@kiroku/postgres';
import { foldOneByOne, InMemoryKeyStore, ledger, type ThrowAwayDatabase, throwAwayDatabase } from '@kiroku/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

const program = fileURLToPath(new URL('./rebuild-process.mjs', import.meta.url));
const leaseMs = 1_000;
const accounts = 3_000;
const head = 12_000;

let databases: readonly ThrowAwayDatabase[];
let urls: { readonly event_store: string; readonly command_db: string; readonly query_db: string };

beforeAll(async () => {
  const [events, commands, queries] = [
    await throwAwayDatabase('event_store', migrate),
    await throwAwayDatabase('command_db', migrate),
    await throwAwayDatabase('query_db', migrate),
  ];
  databases = [events, commands, queries];
  urls = { event_store: events.serviceUrl, command_db: commands.serviceUrl, query_db: queries.serviceUrl };
});
afterAll(async () => {
  for (const database of databases) await database[Symbol.asyncDispose]();
});

test('a rebuild whose process is killed at random moments goes on, and comes to the same rows', async () => {
  const application = { name: 'test', aggregates: [], projections: [ledger], processManagers: [] };
  await using stores = openRebuildStores(urls, { application, applicationName: 'kiroku-tests', keys: new InMemoryKeyStore() });
  await fill();
  const { log } = await stores.events.head();
  await stores.readModels.prepare(ledger, log);
  const id = crypto.randomUUID();
  // slowly, in several passes: there is much to be killed in
  const wanted = { projections: [{ name: ledger.name, version: 1 }], memoryBytes: 400_000, maxRate: 20_000, maxLagSeconds: 0 };
  await stores.jobs.create({ id, verb: 'projection rebuild', arguments: wanted, requires: [`${ledger.name}@1`], createdBy: 'tests' });
  for (let kills = 0; kills < 4; kills++) {
    const child = startProcess(id, `p-${kills}`);
    await expect.poll(async () => (await stores.jobs.job(id)).owner, { timeout: 30_000, interval: 20 }).toBe(`p-${kills}`);
    await new Promise((resolve) => setTimeout(resolve, 200 + Math.random() * 1_500));
    await end(child);
  }
  const last = startProcess(id, 'last');
  await expect.poll(async () => (await stores.jobs.job(id)).state, { timeout: 90_000, interval: 100 }).toBe('done');
  await end(last);
  const [status] = await stores.builds.versions();
  expect(status).toMatchObject({ activeBuild: 2, builds: [{}, { build: 2, state: 'ready', partitions: [{ position: head }] }] });
  const expected = foldOneByOne(ledger, await allEvents(stores.events));
  for (const [table, rows] of Object.entries(expected)) {
    const found = await stores.builds.readRows({ projection: ledger, build: 2 }, async (snapshot) => {
      const all: Row[] = [];
      for await (const page of snapshot.rows(table)) all.push(...page);
      return all;
    });
    expect(inOrder(found)).toEqual(inOrder(rows));
  }
}, 180_000);

async function fill(): Promise<void> {
  await using store = new PostgresEventStore({ url: urls.event_store });
  for (let from = 0; from < head; from += 1_000) {
    const events = Array.from({ length: 1_000 }, (_, n) => ({
      type: 'Deposited',
      data: { account: `a-${(from + n) % accounts}`, amount: 1 },
    }));
    await store.append({ streams: [{ stream: `ledger-${from}`, expectedVersion: 'noStream', events }] });
  }
}

async function allEvents(store: Pick<PostgresEventStore, 'readLog'>) {
  const all = [];
  for (let after = 0; after < head; after += 4_000) all.push(...(await store.readLog({ after, pageSize: 4_000 })).events);
  return all;
}

function startProcess(job: string, owner: string): ChildProcess {
  const env = {
    ...process.env,
    REBUILD_URLS: JSON.stringify(urls),
    REBUILD_JOB: job,
    REBUILD_OWNER: owner,
    REBUILD_LEASE_MS: String(leaseMs),
  };
  return fork(program, { env, execArgv: [] });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

function inOrder(rows: readonly object[]): readonly object[] {
  const keyOf = (row: object) => ('id' in row ? String(row.id) : 'account' in row ? String(row.account) : '');
  return rows.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}
