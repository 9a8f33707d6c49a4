import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EmbeddedPostgres } from '@kiroku/postgres';
import pg from 'pg';

export interface BenchServer extends AsyncDisposable {
  /** Of its parent process. */
  readonly pid: number;
  /** What PostgreSQL calls itself. */
  readonly version: string;
  /** Creates a database and returns the superuser's URL of it. */
  createDatabase(name: string): Promise<string>;
}

/** A PostgreSQL with fsync on and the settings that `npm start` gives it, in a directory that is removed afterwards, also if the benchmark is killed. */
export async function startServer(): Promise<BenchServer> {
  const directory = await mkdtemp(join(tmpdir(), 'kiroku-bench-'));
  await chmod(directory, 0o755); // as root, the server runs as another account
  const server = new EmbeddedPostgres({ directory, port: await freePort(), superuserPassword: randomBytes(16).toString('hex') });
  const guard = startGuard(directory);
  await server.start();
  const admin = new pg.Client({ connectionString: server.url });
  await admin.connect();
  const { rows } = await admin.query<{ server_version: string }>('show server_version');
  return {
    pid: server.pid ?? Number.NaN, // it has started
    version: rows[0]?.server_version ?? 'unknown',
    createDatabase: async (name) => {
      await admin.query(`create database ${admin.escapeIdentifier(name)}`);
      return Object.assign(new URL(server.url), { pathname: `/${name}` }).href;
    },
    [Symbol.asyncDispose]: async () => {
      await admin.end();
      await server.stop();
      await rm(directory, { recursive: true, force: true });
      guard.stdin.end();
    },
  };
}

function startGuard(directory: string) {
  const program = fileURLToPath(new URL('./server-guard.js', import.meta.url));
  const guard = spawn(process.execPath, [program, directory], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  guard.unref();
  return guard;
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('No free port.'))));
    });
  });
}
