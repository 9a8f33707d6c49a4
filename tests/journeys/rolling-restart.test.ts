import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { migrate, PostgresEventStore } from '@kiroku/postgres';
import { type ThrowAwayDatabase, throwAwayDatabase } from '@kiroku/testing';
import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import setUp from '../setup/database-server.ts';
import { freePorts } from '../shop/free-ports.ts';
import { root } from '../shop/running-shop.ts';

let tearDown: () => Promise<void>;
let databases: { readonly log: ThrowAwayDatabase; readonly command: ThrowAwayDatabase; readonly query: ThrowAwayDatabase };
let keys: string;
const instances: Instance[] = [];

beforeAll(async () => {
  tearDown = await setUp();
  keys = await mkdtemp(join(tmpdir(), 'kiroku-keys-'));
  const [log, command, query] = await Promise.all([
    throwAwayDatabase('event_store', migrate),
    throwAwayDatabase('command_db', migrate),
    throwAwayDatabase('query_db', migrate),
  ]);
  databases = { log, command, query };
  const ports = await freePorts(2);
  instances.push(...ports.map((port) => new Instance(port)));
  await Promise.all(instances.map((instance) => instance.start()));
});

afterAll(async () => {
  await Promise.all(instances.map((instance) => instance.stop()));
  for (const database of Object.values(databases ?? {})) await database[Symbol.asyncDispose]();
  await rm(keys, { recursive: true, force: true });
  await tearDown();
});

/** A query-service process on a port of its own. */
class Instance {
  readonly #port: number;
  readonly #settings: Readonly<Record<string, string>>;
  #child: ChildProcess | undefined;

  constructor(port: number, settings: Readonly<Record<string, string>> = {}) {
    this.#port = port;
    this.#settings = settings;
  }

  async start(): Promise<void> {
    const env = {
      ...process.env,
      EVENT_STORE_DATABASE_URL: databases.log.serviceUrl,
      COMMAND_DATABASE_URL: databases.command.serviceUrl,
      QUERY_DATABASE_URL: databases.query.serviceUrl,
      QUERY_SERVICE_PORT: String(this.#port),
      INSTANCE_ID: `instance-${this.#port}`,
      KIROKU_KEY_DIR: keys,
      SECRET_KEY_BASE: 'a'.repeat(64),
      LOG_LEVEL: 'error',
      ...this.#settings,
    };
    this.#child = spawn(process.execPath, [join(root, 'apps/query-service/dist/main.js')], { cwd: root, env, stdio: 'inherit' });
    await vi.waitUntil(() => this.isReady(), { timeout: 30_000, interval: 50 });
  }

  async isReady(): Promise<boolean> {
    return await fetch(`http://127.0.0.1:${this.#port}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  /** As a supervisor stops it: SIGTERM, and it drains. */
  async stop(): Promise<void> {
    if (this.#child === undefined || this.#child.exitCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await exited;
  }

  async health(): Promise<{ readonly dependencies: Readonly<Record<string, { readonly state: string; readonly reason?: string }>> }> {
    return JSON.parse(await (await fetch(`http://127.0.0.1:${this.#port}/health`)).text());
  }

  async ask(name: string, params: object, atLeast: number): Promise<{ readonly position: number; readonly result: unknown }> {
    const response = await fetch(`http://127.0.0.1:${this.#port}/queries/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ params, atLeast }),
    });
    if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
    return JSON.parse(await response.text());
  }
}

/** As a proxy before several instances does: what one does not answer is asked of the next. */
async function ask(name: string, params: object, atLeast: number) {
  const [one, two] = Math.random() < 0.5 ? instances : [...instances].reverse();
  return await one?.ask(name, params, atLeast).catch(() => two?.ask(name, params, atLeast));
}

async function createCategory(
  store: PostgresEventStore,
): Promise<{ readonly id: string; readonly name: string; readonly position: number }> {
  const id = randomUUID();
  const name = `Category ${id}`;
  const event = { type: 'CategoryCreated', data: { categoryId: id, name, parentId: null, ancestors: [] } };
  const { position } = await store.append({ streams: [{ stream: `category-${id}`, expectedVersion: 'noStream', events: [event] }] });
  return { id, name, position };
}

test('reads go on without an error while the instances of query-service are restarted one by one', async () => {
  await using store = new PostgresEventStore({ url: databases.log.serviceUrl });
  let restarting = true;
  let reads = 0;
  const reading = (async () => {
    while (restarting) {
      const { id, name, position } = await createCategory(store);
      const answer = await ask('category', { id }, position);
      expect(answer).toMatchObject({ result: { name } });
      expect(answer?.position).toBeGreaterThanOrEqual(position);
      reads++;
      await sleep(10);
    }
  })();
  reading.catch(() => undefined); // it is awaited below
  for (const instance of instances) {
    await instance.stop();
    await instance.start();
    await sleep(500);
  }
  restarting = false;
  await reading;
  expect(reads).toBeGreaterThan(20);
});

test('health comes from the log and the checkpoints: every read model is at its end, and somebody runs it', async () => {
  const down = async () => Object.entries((await instances[0]?.health())?.dependencies ?? {}).filter(([, { state }]) => state !== 'up');
  await expect.poll(down).toEqual([]);
});

test('an instance that finds nothing built on a long log has it built by a job, and is ready then', async () => {
  await using store = new PostgresEventStore({ url: databases.log.serviceUrl });
  const { id, name, position } = await createCategory(store);
  await using query = await throwAwayDatabase('query_db', migrate);
  const [port = 0] = await freePorts(1);
  const instance = new Instance(port, { QUERY_DATABASE_URL: query.serviceUrl, REBUILD_THRESHOLD: '1' });
  await instance.start();
  expect(await instance.ask('category', { id }, position)).toMatchObject({ result: { name } });
  const later = await createCategory(store);
  expect(await instance.ask('category', { id: later.id }, later.position)).toMatchObject({ result: { name: later.name } });
  await instance.stop();
  const client = new pg.Client(query.url);
  await client.connect();
  const { rows } = await client.query('select bool_and(job is not null) as "byJob" from kiroku.projection_builds');
  await client.end();
  expect(rows).toEqual([{ byJob: true }]);
});
