import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { migrate, PostgresEventStore } from '@kiroku/postgres';
import { type ThrowAwayDatabase, throwAwayDatabase } from '@kiroku/testing';
import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { freePorts } from '../shop/free-ports.ts';
import { GraphqlClient } from '../shop/graphql-client.ts';
import { root } from '../shop/running-shop.ts';

let databases: { readonly log: ThrowAwayDatabase; readonly command: ThrowAwayDatabase; readonly query: ThrowAwayDatabase };
let keys: string;
const instances: QueryService[] = [];
let gateway: Gateway;
let commandService: Server;

beforeAll(async () => {
  keys = await mkdtemp(join(tmpdir(), 'kiroku-keys-'));
  const [log, command, query] = await Promise.all([
    throwAwayDatabase('event_store', migrate),
    throwAwayDatabase('command_db', migrate),
    throwAwayDatabase('query_db', migrate),
  ]);
  databases = { log, command, query };
  const [gatewayPort = 0, ...ports] = await freePorts(3);
  instances.push(...ports.map((port) => new QueryService(port)));
  commandService = createServer((_request, response) => response.end('{}')).listen(0, '127.0.0.1'); // ready, and nothing else is asked of it
  await once(commandService, 'listening');
  const { port } = commandService.address() as AddressInfo; // it listens on TCP
  gateway = new Gateway(gatewayPort, { command: `http://127.0.0.1:${port}`, query: instances });
  await Promise.all([gateway, ...instances].map((each) => each.start()));
});

afterAll(async () => {
  await gateway?.stop();
  commandService?.closeAllConnections();
  commandService?.close();
  await Promise.all(instances.map((instance) => instance.stop()));
  for (const database of Object.values(databases ?? {})) await database[Symbol.asyncDispose]();
  await rm(keys, { recursive: true, force: true });
});

/** A process of the shop on a port of its own. */
class Instance {
  readonly url: string;
  readonly #program: string;
  readonly #settings: Readonly<Record<string, string>>;
  #child: ChildProcess | undefined;

  constructor(program: string, port: number, settings: Readonly<Record<string, string>>) {
    this.url = `http://127.0.0.1:${port}`;
    this.#program = program;
    this.#settings = { INSTANCE_ID: `instance-${port}`, ...settings };
  }

  async start(): Promise<void> {
    const env = { ...process.env, KIROKU_KEY_DIR: keys, SECRET_KEY_BASE: 'a'.repeat(64), LOG_LEVEL: 'error', ...this.#settings };
    this.#child = spawn(process.execPath, [join(root, `apps/${this.#program}/bundle/main.js`)], { cwd: root, env, stdio: 'inherit' });
    await vi.waitUntil(() => this.#isReady(), { timeout: 120_000, interval: 50 });
  }

  /** As a supervisor stops it: SIGTERM, and it drains. */
  async stop(): Promise<void> {
    if (this.#child === undefined || this.#child.exitCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await exited;
  }

  async health(): Promise<{
    readonly state: string;
    readonly dependencies: Readonly<Record<string, { readonly state: string; readonly reason?: string }>>;
  }> {
    return JSON.parse(await (await fetch(`${this.url}/health`)).text());
  }

  async #isReady(): Promise<boolean> {
    return await fetch(`${this.url}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  }
}

class QueryService extends Instance {
  constructor(port: number, settings: Readonly<Record<string, string>> = {}) {
    super('query-service', port, {
      EVENT_STORE_DATABASE_URL: databases.log.serviceUrl,
      COMMAND_DATABASE_URL: databases.command.serviceUrl,
      QUERY_DATABASE_URL: databases.query.serviceUrl,
      QUERY_SERVICE_PORT: String(port),
      ...settings,
    });
  }

  async ask(name: string, params: object, atLeast: number): Promise<{ readonly position: number; readonly result: unknown }> {
    const response = await fetch(`${this.url}/queries/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ params, atLeast }),
    });
    if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
    return JSON.parse(await response.text());
  }
}

/** The GraphQL gateway before several instances of the query service. */
class Gateway extends Instance {
  readonly graphql: GraphqlClient;

  constructor(port: number, behind: { readonly command: string; readonly query: readonly QueryService[] }) {
    super('client-service', port, {
      CLIENT_SERVICE_PORT: String(port),
      COMMAND_SERVICE_URL: behind.command,
      QUERY_SERVICE_URL: behind.query.map(({ url }) => url).join(','),
      LOG_LEVEL: 'fatal', // it tells of the streams that the restarts end
    });
    this.graphql = new GraphqlClient(`127.0.0.1:${port}`);
  }

  override async stop(): Promise<void> {
    await this.graphql.close();
    await super.stop();
  }
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

const categoryOf = 'query ($id: UUID!, $atLeast: Position!) { category(id: $id, atLeast: $atLeast) { name } }';

test('reads through the gateway go on without an error while the instances of query-service are restarted one by one', async () => {
  await using store = new PostgresEventStore({ url: databases.log.serviceUrl });
  let restarting = true;
  let reads = 0;
  const reading = (async () => {
    for (; restarting; reads++) {
      const { id, name, position } = await createCategory(store);
      const answer = await gateway.graphql.ask(categoryOf, { id, atLeast: String(position) });
      expect(answer).toEqual({ status: 200, data: { category: { name } }, errors: [] });
      await sleep(10);
    }
  })();
  reading.catch(() => undefined); // it is awaited below
  for (const instance of instances) {
    await instance.stop();
    const told = { 'query-service': { state: 'up' }, [`query-service ${instance.url}`]: { state: 'down' } };
    await expect.poll(() => gateway.health(), { timeout: 60_000 }).toMatchObject({ state: 'degraded', dependencies: told }); // what it has just asked is remembered
    await instance.start();
    await sleep(500);
  }
  restarting = false;
  await reading;
  expect(reads).toBeGreaterThan(20);
});

test('a subscription goes on when the instance that its changes come from is stopped', async () => {
  await using store = new PostgresEventStore({ url: databases.log.serviceUrl });
  const productId = randomUUID();
  const append = (type: string, data: object) =>
    store.append({
      streams: [{ stream: `product-${productId}`, expectedVersion: 'any', events: [{ type, data: { productId, ...data } }] }],
    });
  const { id: categoryId } = await createCategory(store);
  const price = { amount: 100, currency: 'EUR' };
  await append('ProductAdded', { name: 'Cup 0', description: '', categoryId, price });
  const query = 'subscription ($id: UUID!) { productChanged(productId: $id) { name } }';
  const seen = gateway.graphql.subscribe<{ readonly productChanged: { readonly name: string } | null }>(query, { id: productId });
  const see = async (name: string) => {
    for (let each = await seen.next(); !each.done; each = await seen.next()) if (each.value.productChanged?.name === name) return;
  };
  await see('Cup 0');
  for (const [index, instance] of instances.entries()) {
    await instance.stop();
    await append('ProductRenamed', { name: `Cup ${index + 1}`, previousName: `Cup ${index}` });
    await see(`Cup ${index + 1}`);
    await instance.start();
  }
  await seen.return(undefined);
});

test('health comes from the log and the checkpoints: every read model is at its end, and somebody runs it', async () => {
  const down = async () => Object.entries((await instances[0]?.health())?.dependencies ?? {}).filter(([, { state }]) => state !== 'up');
  await expect.poll(down, { timeout: 60_000 }).toEqual([]);
});

test('an instance that finds nothing built on a long log has it built by a job, and is ready then', async () => {
  await using store = new PostgresEventStore({ url: databases.log.serviceUrl });
  const { id, name, position } = await createCategory(store);
  await using query = await throwAwayDatabase('query_db', migrate);
  const [port = 0] = await freePorts(1);
  const instance = new QueryService(port, { QUERY_DATABASE_URL: query.serviceUrl, REBUILD_THRESHOLD: '1' });
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
