import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isRunning, kiroku, ownDirectory, ownPorts, RunningShop, root } from '../shop/running-shop.ts';
import { createCategory } from '../shop/shopkeeping.ts';

interface Place {
  readonly dataDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
}
const program = join(root, 'apps/cli/bundle/main.js');
const directories: string[] = [];
/** Where the shop runs that the tests share, and what the last of them start again. */
let shared: Place;
let shop: RunningShop;

beforeAll(async () => {
  shared = await place();
  shop = await RunningShop.start(shared);
});

afterAll(async () => {
  await shop?.[Symbol.asyncDispose]();
  await Promise.all(directories.map((directory) => rm(directory, { recursive: true, force: true })));
});

async function place(): Promise<Place> {
  const [dataDirectory, environment] = await Promise.all([ownDirectory(), ownPorts()]);
  directories.push(dataDirectory);
  return { dataDirectory, environment };
}

/** Runs `kiroku up` where it cannot start, and returns how it ended: the command line has a process of its own only where that is what matters. */
async function failToStart(where: Place) {
  const { code, stderr } = await kiroku(where, 'up');
  return { code, lines: stderr.split('\n').filter(Boolean) };
}

/** The same in a process of its own, which ends. */
async function failToRun({ dataDirectory, environment }: Place) {
  const child = spawn(process.execPath, [program, 'up'], {
    cwd: root,
    env: { ...process.env, ...environment, KIROKU_DATA_DIR: dataDirectory, NO_COLOR: '1' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const lines: string[] = [];
  child.stderr.on('data', (chunk) => lines.push(...String(chunk).split('\n').filter(Boolean)));
  const [code] = await once(child, 'close');
  return { code, lines };
}

/** Of its ports, those at which somebody is. */
async function listening({ environment }: Place): Promise<readonly string[]> {
  const answers = await Promise.all(Object.values(environment).map((port) => accepts(Number(port))));
  return Object.values(environment).filter((_, index) => answers[index]);
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  return new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  }).finally(() => socket.destroy());
}

describe('kiroku up', () => {
  test('fills the shop through the public API at the first start', async () => {
    const { products, orders } = await shop.graphql.data<{ products: { nodes: unknown[] }; orders: { nodes: { status: string }[] } }>(
      '{ products(first: 100) { nodes { id } } orders(first: 100) { nodes { status } } }',
    );
    expect(products.nodes.length).toBeGreaterThanOrEqual(15);
    expect(new Set(orders.nodes.map(({ status }) => status))).toEqual(new Set(['CONFIRMED', 'CANCELLED']));
  });

  test('runs PostgreSQL with the settings that operations need', async () => {
    const { rows } = await shop.askDatabase(
      `select name, setting from pg_settings where name in ('data_checksums', 'wal_level', 'archive_mode', 'wal_log_hints', 'fsync', 'listen_addresses')`,
    );
    expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toEqual({
      data_checksums: 'on',
      wal_level: 'replica',
      archive_mode: 'on',
      wal_log_hints: 'on',
      fsync: 'on',
      listen_addresses: '127.0.0.1',
    });
    expect((await shop.askDatabase(`select 1 from pg_extension where extname = 'pg_stat_statements'`)).rows).toHaveLength(1);
  });

  test('leaves its log to be read when the services are down', async () => {
    const { services } = await shop.processIds();
    for (const pid of Object.values(services)) process.kill(pid, 'SIGSTOP');
    const { code, stdout } = await kiroku(shop, 'events', 'tail', '--limit', '3', '--json');
    for (const pid of Object.values(services)) process.kill(pid, 'SIGCONT');
    expect(code).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(3);
  });

  test('a second one on the same data directory is refused', async () => {
    const { code, lines } = await failToRun({ dataDirectory: shop.dataDirectory, environment: await ownPorts() });
    expect([code, lines.length]).toEqual([1, 1]);
    expect(lines[0]).toMatch(/already|another/i);
  });

  test.each(['CLIENT_SERVICE_PORT', 'COMMAND_SERVICE_PORT', 'QUERY_SERVICE_PORT', 'PAYMENT_SIMULATOR_PORT', 'POSTGRES_PORT'])(
    'names the taken port of %s in one line',
    async (variable) => {
      const taken = await place();
      const holder = createServer().listen(Number(taken.environment[variable]), '127.0.0.1');
      await once(holder, 'listening');

      const { code, lines } = await failToStart(taken);

      holder.close();
      expect([code, lines.length]).toEqual([1, 1]);
      expect(lines[0]).toContain(taken.environment[variable]);
      expect(lines[0]).toContain(variable);
    },
  );

  test('names what it finds instead of a data directory in one line', async () => {
    const { dataDirectory, environment } = await place();
    const file = join(dataDirectory, 'a-file');
    await writeFile(file, '');
    const { code, lines } = await failToStart({ dataDirectory: file, environment });
    expect([code, lines.length]).toEqual([1, 1]);
    expect(lines[0]).toContain(file);
  });

  test('names a data directory that it cannot make in one line', async () => {
    const { environment } = await place();
    const { code, lines } = await failToStart({ dataDirectory: '/proc/kiroku', environment }); // not even root may make it
    expect([code, lines.length]).toEqual([1, 1]);
    expect(lines[0]).toContain('/proc/kiroku');
  });

  test.each(['DATABASE_URL', 'CLIENT_SERVICE_PORT'])('names a wrong %s', async (variable) => {
    const { dataDirectory, environment } = await place();
    const { code, lines } = await failToStart({ dataDirectory, environment: { ...environment, [variable]: 'nonsense' } });
    expect(code).toBe(1);
    expect(lines.join('\n')).toContain(variable);
  });

  test('keeps what was written, and leaves no process when it is interrupted', async () => {
    const { supervisor, postgres, services } = await shop.processIds();
    await createCategory(shop.graphql, 'Kept over a restart');

    expect(await shop.interrupt()).toBe(0);
    expect([supervisor, postgres, ...Object.values(services)].filter(isRunning)).toEqual([]);

    await shop.graphql.close();
    shop = await RunningShop.start({ ...shared, verbose: true });
    const { categoryTree } = await shop.graphql.data<{ categoryTree: readonly { name: string }[] }>('{ categoryTree { name } }');
    expect(categoryTree.filter(({ name }) => name === 'Kept over a restart')).toHaveLength(1);
    expect(new Set(categoryTree.map(({ name }) => name)).size).toBe(categoryTree.length);
  });

  test('leaves no process when nobody reads its output any more', async () => {
    const ask = () => void fetch(`http://127.0.0.1:${shared.environment.CLIENT_SERVICE_PORT}/`).catch(() => undefined);
    const asking = setInterval(ask, 100); // what is answered is told
    await shop.stopReading().finally(() => clearInterval(asking));
    expect(await listening(shared)).toEqual([]);
  });

  test('leaves no process when nobody reads its output any more before it is ready', async () => {
    const { dataDirectory, environment } = shared;
    const child = spawn(process.execPath, [program, 'up'], {
      cwd: root,
      env: { ...process.env, ...environment, KIROKU_DATA_DIR: dataDirectory, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const ended = once(child, 'exit');
    for await (const _chunk of child.stdout) break; // closes the pipe
    await ended;
    expect(await listening(shared)).toEqual([]);
  });

  test('that has ended is told by what is down, with a failing exit code', async () => {
    const health = await kiroku(shared, 'health');
    expect(health.code).toBe(1);
    expect(health.stdout + health.stderr).toMatch(/client-service/);
  });
});

describe('kiroku', () => {
  test('proposes the verb that was meant', async () => {
    const { dataDirectory, environment } = await place();
    const child = spawn(process.execPath, [program, 'helth'], {
      cwd: root,
      env: { ...process.env, ...environment, KIROKU_DATA_DIR: dataDirectory, NO_COLOR: '1' },
    });
    let printed = '';
    child.stderr.on('data', (chunk) => {
      printed += String(chunk);
    });
    const [code] = await once(child, 'close');
    expect(code).toBe(2);
    expect(printed).toMatch(/health/);
  });
});
