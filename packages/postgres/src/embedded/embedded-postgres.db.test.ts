import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, readlink, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createPool } from '../pool.ts';
import { archiveState } from '../safety/archive-state.ts';
import { serverAccount } from './account.ts';
import { EmbeddedPostgres, type EmbeddedPostgresOptions } from './embedded-postgres.ts';
import { isAlive } from './process-table.ts';

let root: string;
let directory: string;
let port: number;
const started = new Set<EmbeddedPostgres>();

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'kiroku-embedded-'));
  await chmod(root, 0o755); // as root, the server runs as another account
  directory = join(root, 'postgres');
  port = await freePort();
  const first = server();
  await first.start();
  await query(first.url, 'create table kept (number int)');
  await first.stop();
});
afterEach(async () => {
  for (const one of started) await one.stop();
  started.clear();
});
afterAll(() => rm(root, { recursive: true, force: true }));

function server(options: Partial<EmbeddedPostgresOptions> = {}): EmbeddedPostgres {
  const made = new EmbeddedPostgres({ directory, port, superuserPassword: 'of this test', durable: false, ...options });
  started.add(made);
  return made;
}

/**
 * Below those that systems give to outgoing connections, and above those that the shops of other tests have: nobody takes it by chance while the
 * server is restarted.
 */
async function freePort(): Promise<number> {
  for (;;) {
    const wanted = 30_000 + Math.floor(Math.random() * 2_000);
    const probe = createServer().listen(wanted, '127.0.0.1');
    const listens = await once(probe, 'listening').then(
      () => true,
      () => false,
    );
    if (!listens) continue;
    probe.close();
    await once(probe, 'close');
    return wanted;
  }
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url);
  client.on('error', () => undefined); // some tests kill the server
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** A process of the server's own account: PostgreSQL takes no other for a server. */
async function otherProcess(): Promise<Disposable & { readonly pid: number | undefined }> {
  const child = spawn('sleep', ['60'], { cwd: '/', ...(await serverAccount(directory)) });
  await once(child, 'spawn');
  return { pid: child.pid, [Symbol.dispose]: () => void child.kill() };
}

const cluster = (...path: string[]) => join(directory, 'cluster', ...path);

/** Puts a file of the cluster aside while `work` runs. */
async function without(file: string, work: () => Promise<void>): Promise<void> {
  await rename(cluster(file), join(root, 'aside'));
  try {
    await work();
  } finally {
    await rename(join(root, 'aside'), cluster(file));
  }
}

test('it is set up for checksums, archiving, rewinding and statistics', async () => {
  const one = server();
  await one.start();
  const names = ['data_checksums', 'wal_level', 'archive_mode', 'wal_log_hints', 'shared_preload_libraries', 'listen_addresses'];
  const settings = await query(one.url, `select name, setting from pg_settings where name in ('${names.join("','")}')`);
  expect(Object.fromEntries(settings.map(({ name, setting }) => [name, setting]))).toEqual({
    data_checksums: 'on',
    wal_level: 'replica',
    archive_mode: 'on',
    wal_log_hints: 'on',
    shared_preload_libraries: 'pg_stat_statements',
    listen_addresses: '127.0.0.1',
  });
});

test('its archive is not looked after until somebody wants one: what keeps nothing cannot be behind', async () => {
  const one = server();
  await one.start();
  const pool = createPool({ url: one.url, applicationName: 'test', max: 1 });
  expect(await archiveState(pool)).toEqual({ server: expect.stringMatching(/^[0-9]+$/) });
  await pool.end();
});

test('after stop, no process is left', async () => {
  const one = server();
  await one.start();
  const pid = one.pid ?? 0;
  await one.stop();
  expect(isAlive(pid)).toBe(false);
});

test('after kill -9 it tells, starts again and has what was committed', async () => {
  const exited = new Promise<string>((resolve) => {
    const one = server({ onExit: resolve });
    void one.start().then(async () => {
      await query(one.url, 'delete from kept; insert into kept values (42)');
      process.kill(one.pid ?? 0, 'SIGKILL');
    });
  });
  expect(await exited).toBe('SIGKILL');
  const again = server();
  await again.start();
  expect(await query(again.url, 'select number from kept')).toEqual([{ number: 42 }]);
});

test('a server that a killed supervisor left is shut down first', async () => {
  const left = server();
  await left.start();
  const pid = left.pid ?? 0;
  const notices: string[] = [];
  const next = server({ onNotice: (notice) => notices.push(notice) });
  await next.start();
  expect(isAlive(pid)).toBe(false);
  expect(notices).toEqual([expect.stringContaining('earlier start')]);
});

test('a pid file that points to some other living process does not keep it from starting', async () => {
  using other = await otherProcess();
  await writeFile(cluster('postmaster.pid'), `${other.pid}\n${cluster()}\n`);
  const one = server();
  await one.start();
  expect(await query(one.url, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('a socket lock that points to some other living process does not keep it from starting', async () => {
  using other = await otherProcess();
  const one = server();
  await mkdir(join(directory, 'socket'), { recursive: true });
  await writeFile(join(directory, 'socket', `.s.PGSQL.${one.port}.lock`), `${other.pid}\n${cluster()}\n`);
  await one.start();
  expect(await query(one.url, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('a cluster that was to take the place of another, and was cut off between, is found', async () => {
  await mkdir(join(directory, 'restoring'));
  await rename(cluster(), join(directory, 'restoring', 'cluster'));
  await writeFile(join(directory, 'exchange.json'), JSON.stringify({ incoming: 'restoring/cluster', aside: 'cluster.before' }));
  const one = server();
  await one.start();
  expect(await query(one.url, 'select count(*)::int as tables from pg_tables where tablename = $$kept$$')).toEqual([{ tables: 1 }]);
});

test('an initialisation that was interrupted begins anew', async () => {
  const fresh = join(root, 'interrupted');
  await mkdir(join(fresh, 'cluster.new', 'base'), { recursive: true });
  await writeFile(join(fresh, 'cluster.new', 'PG_VERSION'), '17\n');
  const one = server({ directory: fresh });
  await one.start();
  expect(await query(one.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  expect(await readdir(fresh)).not.toContain('cluster.new');
});

test('a data directory that lost files is refused and left as it is', async () => {
  await without('PG_VERSION', async () => {
    const before = await readdir(cluster());
    await expect(server().start()).rejects.toMatchObject({ code: 'ConfigurationInvalid', message: expect.stringContaining(cluster()) });
    expect(await readdir(cluster())).toEqual(before);
  });
});

test('a data directory of another major version is refused', async () => {
  const text = await readFile(cluster('PG_VERSION'), 'utf8');
  await writeFile(cluster('PG_VERSION'), '16\n');
  try {
    await expect(server().start()).rejects.toMatchObject({
      code: 'ConfigurationInvalid',
      message: expect.stringContaining('PostgreSQL 16'),
    });
  } finally {
    await writeFile(cluster('PG_VERSION'), text);
  }
});

test('a port that is taken is named, with the variable that sets another', async () => {
  const other = createServer().listen(port, '127.0.0.1');
  await once(other, 'listening');
  try {
    await expect(server().start()).rejects.toThrow(new RegExp(`Port ${port} .*POSTGRES_PORT`));
  } finally {
    other.close();
    await once(other, 'close');
  }
});

test('credentials of another data directory are refused, and the server is not left running', async () => {
  const one = server({ superuserPassword: 'of another' });
  await expect(one.start()).rejects.toThrow(/do not belong together/);
  expect(await readdir(cluster())).not.toContain('postmaster.pid');
});

test('a directory whose path is too long for a socket works all the same', async () => {
  const long = join(root, 'x'.repeat(100), 'postgres');
  const one = server({ directory: long });
  await one.start();
  expect(await query(one.url, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test.runIf(process.getuid?.() === 0)(
  'as root, a directory made anew in the place of an unreachable one that was removed is empty',
  async () => {
    const locked = join(root, 'locked');
    const places: string[] = [];
    for (const superuserPassword of ['first', 'second']) {
      await mkdir(locked, { mode: 0o700 });
      const one = server({ directory: join(locked, 'postgres'), superuserPassword });
      await one.start();
      expect(await query(one.url, 'select 1 as one')).toEqual([{ one: 1 }]);
      await one.stop();
      await one.start(); // finds it again by the link
      await one.stop();
      places.push(await readlink(join(locked, 'postgres')));
      await rm(locked, { recursive: true });
    }
    expect(new Set(places).size).toBe(2);
    for (const place of places) await rm(place, { recursive: true });
  },
);
