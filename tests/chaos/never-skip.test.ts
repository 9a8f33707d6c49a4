import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedPostgres, migrate, PostgresEventStore } from '@kiroku/postgres';
import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { freePorts } from '../shop/free-ports.ts';
import { kill, ownDirectory, root } from '../shop/running-shop.ts';

let directory: string;
let server: EmbeddedPostgres;
const writers = new Set<Writer>();

beforeAll(async () => {
  directory = await ownDirectory();
  const [port = 0] = await freePorts(1);
  server = new EmbeddedPostgres({ directory: join(directory, 'postgres'), port, superuserPassword: 'of this test' });
  await server.start();
  await onDatabase('postgres', async (client) => {
    await client.query('create database event_store');
    await client.query('create database somebody_elses');
  });
  await migrate({ database: 'event_store', url: urlOf('event_store') });
});

afterAll(async () => {
  for (const writer of writers) writer.kill();
  await server?.stop();
  await rm(directory, { recursive: true, force: true });
});

/** A process that appends, and what it was told is there. */
class Writer {
  readonly acknowledged: string[] = [];
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;

  constructor() {
    const child = spawn(process.execPath, [join(root, 'tests/chaos/bundle/writer-process.js'), urlOf('event_store')], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let rest = '';
    child.stdout.on('data', (chunk) => {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      this.acknowledged.push(...lines);
    });
    this.#child = child;
    this.#closed = once(child, 'close');
    writers.add(this);
  }

  kill(): void {
    if (this.#child.pid !== undefined) kill(this.#child.pid);
  }

  async killed(): Promise<void> {
    this.kill();
    await this.#closed;
  }
}

const urlOf = (database: string) => Object.assign(new URL(server.url), { pathname: `/${database}` }).href;

async function onDatabase(database: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client(urlOf(database));
  client.on('error', () => undefined); // the server is killed in the middle
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** A transaction that has written and then idles, as a forgotten session would. */
async function idleTransaction(database: string): Promise<pg.Client> {
  const client = new pg.Client(urlOf(database));
  client.on('error', () => undefined);
  await client.connect();
  await client.query('begin');
  await client.query('create temporary table forgotten (number int)');
  await client.query('select pg_current_xact_id()');
  return client;
}

test('a subscriber sees every acknowledged event once and in order, whoever is killed or idles', async () => {
  const ending = new AbortController();
  await using store = new PostgresEventStore({ url: urlOf('event_store') });
  const seen: { readonly position: number; readonly id: string; readonly stream: string; readonly version: number }[] = [];
  const following = (async () => {
    for await (const page of store.subscribe({ signal: ending.signal })) seen.push(...page.events);
  })();
  following.catch(() => undefined); // it is awaited below
  const seesMore = async (more: number) => {
    const before = seen.length;
    await expect.poll(() => seen.length, { timeout: 60_000 }).toBeGreaterThan(before + more);
  };

  const first = [new Writer(), new Writer(), new Writer()];
  await seesMore(300);
  const idle = [await idleTransaction('event_store'), await idleTransaction('somebody_elses')];
  await seesMore(300);

  await first[0]?.killed();
  new Writer();
  await onDatabase('event_store', (client) =>
    client.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = 'event_store' and pid <> pg_backend_pid()`),
  );
  await seesMore(300);

  kill(server.pid ?? 0);
  await vi.waitFor(() => server.start(), { timeout: 30_000 }); // a server's processes let go of its port when they notice its death
  await seesMore(600);
  for (const writer of writers) await writer.killed();
  for (const client of idle) await client.end().catch(() => undefined);

  // what a killed writer had sent may still be stored for a moment
  const behind = async () => (await store.head()).position - (seen.at(-1)?.position ?? 0);
  await expect.poll(behind, { timeout: 20_000 }).toBe(0);
  await sleep(1_000);
  await expect.poll(behind, { timeout: 20_000 }).toBe(0);
  ending.abort();
  await following;
  const head = seen.length;

  expect(seen.map(({ position }) => position)).toEqual(Array.from({ length: head }, (_, index) => index + 1));
  for (const stream of new Set(seen.map((event) => event.stream))) {
    const events = seen.filter((event) => event.stream === stream);
    expect(events.map(({ version }) => version)).toEqual(events.map((_, index) => index + 1));
  }
  const ids = new Set(seen.map(({ id }) => id));
  const acknowledged = [...writers].flatMap((writer) => writer.acknowledged);
  expect(acknowledged.filter((id) => !ids.has(id))).toEqual([]);
  expect(acknowledged.length).toBeGreaterThan(1_000);
});
