import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordedEvent } from '@kiroku/core';
import {
  createPool,
  EmbeddedPostgres,
  migrate,
  type Pool,
  PostgresEventStore,
  PostgresReadModelStore,
  projectionSchema,
} from '@kiroku/postgres';
import { foldOneByOne, ledger } from '@kiroku/testing';
import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { freePorts } from '../shop/free-ports.ts';
import { kill, ownDirectory, root } from '../shop/running-shop.ts';

const rounds = process.env.KIROKU_SOAK === '1' ? 500 : 25;
const parted = { ...ledger, partitions: 3 };

let directory: string;
let server: EmbeddedPostgres;
let pool: Pool;
const workers = new Set<ChildProcess>();

beforeAll(async () => {
  directory = await ownDirectory();
  const [port = 0] = await freePorts(1);
  // processes are killed here, machines are not
  server = new EmbeddedPostgres({ directory: join(directory, 'postgres'), port, superuserPassword: 'of this test', durable: false });
  await server.start();
  const client = new pg.Client(server.url);
  await client.connect();
  for (const database of ['event_store', 'query_db'] as const) {
    await client.query(`create database ${database}`);
    await migrate({ database, url: urlOf(database) });
  }
  await client.end();
  pool = createPool({ url: urlOf('query_db'), applicationName: 'kiroku-tests' });
});

afterAll(async () => {
  for (const worker of workers) worker.kill('SIGKILL');
  await pool?.end();
  await server?.stop();
  await rm(directory, { recursive: true, force: true });
});

const urlOf = (database: string) => Object.assign(new URL(server.url), { pathname: `/${database}` }).href;

async function startWorker(): Promise<void> {
  const program = join(root, 'tests/chaos/bundle/projection-process.js');
  const stdio: ['ignore', 'pipe', 'inherit'] = ['ignore', 'pipe', 'inherit'];
  const worker = spawn(process.execPath, [program, urlOf('event_store'), urlOf('query_db')], { cwd: root, stdio });
  workers.add(worker);
  await Promise.race([once(worker.stdout, 'data'), once(worker, 'exit')]);
}

async function killOne(): Promise<void> {
  const [worker] = workers;
  if (worker === undefined) return;
  workers.delete(worker);
  const exited = worker.exitCode === null ? once(worker, 'exit') : undefined;
  worker.kill('SIGKILL');
  await exited;
}

/** Appends moves of few accounts, one after the other, until the signal fires; what fails while the database is away is not tried again. */
async function append(store: PostgresEventStore, signal: AbortSignal): Promise<void> {
  const names = ['ann', 'bob', 'cid', 'dan', 'eve'];
  const name = () => names[Math.floor(Math.random() * names.length)] ?? '';
  while (!signal.aborted) {
    const events = Array.from({ length: 1 + Math.floor(Math.random() * 4) }, () => {
      const amount = 1 + Math.floor(Math.random() * 100);
      if (Math.random() < 0.05) return { type: 'AccountClosed', data: { account: name() } };
      return Math.random() < 0.5
        ? { type: 'Deposited', data: { account: name(), amount } }
        : { type: 'Transferred', data: { account: name(), to: name(), amount } };
    });
    await store.append({ streams: [{ stream: 'ledger-1', expectedVersion: 'any', events }] }).catch(() => sleep(50));
    await sleep(5);
  }
}

async function killPostgres(): Promise<void> {
  kill(server.pid ?? 0);
  await vi.waitFor(() => server.start(), { timeout: 30_000 }); // a server's processes let go of its port when they notice its death
}

async function readAll(store: PostgresEventStore): Promise<readonly RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for (let after = 0; ; ) {
    const page = await store.readLog({ after, pageSize: 10_000 });
    if (page.position === after) return events;
    events.push(...page.events);
    after = page.position;
  }
}

/** The accounts folded one event at a time; cid's only up to its first unlucky event. */
function expectedAccounts(events: readonly RecordedEvent[]): readonly object[] {
  const touchesCid = ({ data }: RecordedEvent) => data.account === 'cid' || data.to === 'cid';
  const unlucky = events.find((event) => event.position % 13 === 0 && touchesCid(event))?.position ?? 0;
  const before = foldOneByOne(ledger, unlucky === 0 ? events : events.filter(({ position }) => position < unlucky)).account ?? [];
  const all = foldOneByOne(ledger, events).account ?? [];
  const isCid = (row: object) => Reflect.get(row, 'id') === 'cid';
  return inOrder([...all.filter((row) => !isCid(row)), ...before.filter(isCid)]);
}

function inOrder(rows: readonly object[]): readonly object[] {
  const text = (row: object) => JSON.stringify([Reflect.get(row, 'id'), Reflect.get(row, 'account'), Reflect.get(row, 'day')]);
  return [...rows].sort((a, b) => (text(a) < text(b) ? -1 : 1));
}

async function rowsOf(table: string): Promise<readonly object[]> {
  const { rows } = await pool.query<object>(`select * from ${projectionSchema(ledger)}.${table}`);
  return inOrder(rows);
}

test(`rows amount to the events folded one at a time, though processes and PostgreSQL are killed ${rounds} times`, {
  timeout: 300_000 + rounds * 20_000,
}, async () => {
  await using store = new PostgresEventStore({ url: urlOf('event_store') });
  const readModels = new PostgresReadModelStore({ pool });
  const ending = new AbortController();
  const appending = append(store, ending.signal);
  await Promise.all([startWorker(), startWorker()]);
  for (let round = 1; round <= rounds; round++) {
    await sleep(Math.random() * 400);
    if (round % 5 === 0) await killPostgres();
    else await Promise.all([killOne(), startWorker()]);
  }
  ending.abort();
  await appending;
  await startWorker();
  const events = await readAll(store);
  const reached = () => readModels.checkpoint(parted).catch(() => undefined); // its connections may have been those that were killed
  await expect.poll(reached, { timeout: 60_000 }).toBe(events.length);

  expect(await rowsOf('account')).toEqual(expectedAccounts(events));
  expect(await rowsOf('day')).toEqual(inOrder(foldOneByOne(ledger, events).day ?? []));
  expect(events.length).toBeGreaterThan(rounds * 10);
});
