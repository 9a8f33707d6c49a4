import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Row } from '@kiroku/core';
import { ProjectionWorker, runClaimedJob } from '@kiroku/engine';
import { jobDefinitions, openRebuildStores, providedCode, type RebuildStores } from '@kiroku/operations';
import { EmbeddedPostgres, migrate, PostgresEventStore } from '@kiroku/postgres';
import { InMemoryKeyStore, ledger } from '@kiroku/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { freePorts } from '../shop/free-ports.ts';
import { kill } from '../shop/running-shop.ts';
import { mayMount, missingDisk, SmallDisk } from './small-disk.ts';

const testOnDisk = test.skipIf(!mayMount);

/** The server's own disk, and one that only the read models are on. */
let disk: SmallDisk;
let diskOfReadModels: SmallDisk;
let server: EmbeddedPostgres;

beforeAll(async () => {
  if (!mayMount) return;
  [disk, diskOfReadModels] = [await SmallDisk.mount(256), await SmallDisk.mount(48)];
  const [port = 0] = await freePorts(1);
  server = new EmbeddedPostgres({ directory: join(disk.path, 'postgres'), port, superuserPassword: 'of this test' });
  await server.start();
  const tablespace = await diskOfReadModels.directory('tablespace', join(disk.path, 'postgres'));
  await execute('postgres', `create tablespace small location '${tablespace}'`);
  for (const [database, where] of [
    ['event_store', 'pg_default'],
    ['command_db', 'pg_default'],
    ['query_db', 'small'],
  ] as const) {
    await execute('postgres', `create database ${database} tablespace ${where}`);
    await migrate({ database, url: urlOf(database) });
  }
});

afterAll(async () => {
  await server?.stop();
  for (const each of [disk, diskOfReadModels]) await each?.[Symbol.asyncDispose]();
});

const urlOf = (database: string) => Object.assign(new URL(server.url), { pathname: `/${database}` }).href;

async function execute(database: string, text: string): Promise<void> {
  const client = new pg.Client(urlOf(database));
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

describe('an append', () => {
  testOnDisk(
    `for which there is no room on the disk fails; what was acknowledged stays, and it goes on once there is room${missingDisk}`,
    async () => {
      await using store = new PostgresEventStore({ url: urlOf('event_store') });
      const acknowledged: string[] = [];
      await append(store, { acknowledged, until: 50 });

      await disk.fill();
      await expect(append(store, { acknowledged, until: 10_000 })).rejects.toMatchObject({
        code: 'DatabaseUnavailable',
        retryable: true,
        message: expect.stringContaining('disk'),
      });
      expect(await noted(store)).toEqual(acknowledged);

      kill(server.pid ?? 0);
      await disk.free();
      await vi.waitFor(() => server.start(), { timeout: 30_000 }); // a server's processes let go of its port when they notice its death
      await append(store, { acknowledged, until: acknowledged.length + 50 });
      expect(await noted(store)).toEqual(acknowledged);
    },
  );
});

/** Appends one after the other; rows are too large and too random to find room in the pages that there are. */
async function append(store: PostgresEventStore, { acknowledged, until }: { readonly acknowledged: string[]; readonly until: number }) {
  while (acknowledged.length < until) {
    const note = randomBytes(4_000).toString('base64');
    await store.append({
      streams: [{ stream: 'note-1', expectedVersion: acknowledged.length, events: [{ type: 'Noted', data: { note } }] }],
    });
    acknowledged.push(note);
  }
}

async function noted(store: PostgresEventStore): Promise<readonly unknown[]> {
  return (await store.readStream('note-1')).map(({ data }) => data.note);
}

describe('a rebuild', () => {
  testOnDisk(
    `for which there is no room on the disk fails, leaves what is read as it is, and goes on once there is room${missingDisk}`,
    async () => {
      const urls = { event_store: urlOf('event_store'), command_db: urlOf('command_db'), query_db: urlOf('query_db') };
      const application = { name: 'test', aggregates: [], projections: [ledger], processManagers: [] };
      const keys = new InMemoryKeyStore();
      await using stores = openRebuildStores(urls, { application, keys, applicationName: 'kiroku-tests' });
      await fillLedger(urls.event_store);
      const { events: eventStore, readModels } = stores;
      await using following = new ProjectionWorker({ eventStore, readModels, projections: [ledger], instance: 'tests' });
      await following.start();
      const { position } = await eventStore.head();
      await expect.poll(() => readModels.checkpoint(ledger), { timeout: 60_000 }).toBe(position);
      const before = await rowsOf(stores, 1);
      const id = crypto.randomUUID();
      const definition = jobDefinitions(urls, { application, keys }).find(({ verb }) => verb === 'projection rebuild');
      const wanted = { projections: [{ name: ledger.name, version: ledger.version }] };
      const run = async () => {
        const claim = { id, owner: 'tests', leaseMs: 10_000, verbs: ['projection rebuild'], provides: providedCode(application) };
        const job = await stores.jobs.claim(claim);
        if (job === undefined || definition === undefined) throw new Error('The job is not there.');
        return runClaimedJob(job, definition, { store: stores.jobs, tickMs: 20, retry: { baseMs: 1, capMs: 10 } });
      };
      await stores.jobs.create({
        id,
        verb: 'projection rebuild',
        arguments: wanted,
        requires: providedCode(application),
        createdBy: 'tests',
      });

      await diskOfReadModels.fill({ leave: 200_000 });
      expect(await run()).toMatchObject({ state: 'failed', error: { code: 'RebuildHeldUp', message: expect.stringContaining('disk') } });
      expect(await rowsOf(stores, 1)).toEqual(before);
      expect(await stores.builds.versions()).toMatchObject([{ activeBuild: 1 }]);

      await diskOfReadModels.free();
      await stores.jobs.resume(id);
      expect(await run()).toMatchObject({ state: 'done' });
      expect(await stores.builds.versions()).toMatchObject([{ activeBuild: 2 }]);
      expect(await rowsOf(stores, 2)).toEqual(before);
    },
  );
});

async function fillLedger(url: string): Promise<void> {
  await using store = new PostgresEventStore({ url });
  for (let from = 0; from < 8_000; from += 1_000) {
    const events = Array.from({ length: 1_000 }, (_, n) => ({ type: 'Deposited', data: { account: `a-${from + n}`, amount: 1 } }));
    await store.append({ streams: [{ stream: `ledger-${from}`, expectedVersion: 'noStream', events }] });
  }
}

async function rowsOf({ builds }: RebuildStores, build: number): Promise<readonly Row[]> {
  return builds.readRows({ projection: ledger, build }, async (snapshot) => {
    const rows: Row[] = [];
    for await (const page of snapshot.rows('account')) rows.push(...page);
    return rows.sort((a, b) => (String(a.id) < String(b.id) ? -1 : 1));
  });
}
