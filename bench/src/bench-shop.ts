import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from './server.ts';

const cli = fileURLToPath(new URL('../../apps/cli/bundle/main.js', import.meta.url));
const portNames = ['CLIENT_SERVICE_PORT', 'COMMAND_SERVICE_PORT', 'QUERY_SERVICE_PORT', 'PAYMENT_SIMULATOR_PORT', 'POSTGRES_PORT'];

/** The whole shop under `kiroku up`, durable, in a directory and on ports of its own. */
export interface BenchShop extends AsyncDisposable {
  /** Of the gateway. */
  readonly url: string;
  /** Where the three services tell their metrics. */
  readonly metricsUrls: readonly string[];
  /** Of one of its databases, as superuser. */
  databaseUrl(database: 'event_store' | 'command_db' | 'query_db' | 'postgres'): string;
  /** Process ids of the services, and of PostgreSQL's parent process. */
  processIds(): Promise<ReadonlyMap<string, number>>;
  /** Ends all its processes, and starts them again over the same data. */
  restart(): Promise<void>;
}

const unbundled = fileURLToPath(new URL('../unbundled.config.mjs', import.meta.url));

export interface BenchShopOptions {
  /** Beside what it inherits. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Its services are started module by module, not bundled. Default false. */
  readonly isUnbundled?: boolean;
}

export async function startShop({ environment = {}, isUnbundled = false }: BenchShopOptions = {}): Promise<BenchShop> {
  const directory = await mkdtemp(join(tmpdir(), 'kiroku-bench-'));
  await chmod(directory, 0o755); // as root, the server runs as another account
  const ports: Record<string, string> = {};
  for (const name of portNames) ports[name] = String(await freePort());
  const up = async (): Promise<ChildProcess> => {
    const started = spawn(process.execPath, [cli, ...(isUnbundled ? ['--config', unbundled] : []), 'up'], {
      env: { ...process.env, ...environment, ...ports, KIROKU_DATA_DIR: directory, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await ready(started);
    return started;
  };
  let child = await up();
  const { superuser } = await readJson<{ readonly superuser: string }>(join(directory, 'credentials.json'));
  return {
    url: `http://127.0.0.1:${ports.CLIENT_SERVICE_PORT}`,
    metricsUrls: portNames.slice(0, 3).map((name) => `http://127.0.0.1:${ports[name]}/metrics`),
    databaseUrl: (database) => `postgres://postgres:${superuser}@127.0.0.1:${ports.POSTGRES_PORT}/${database}`,
    processIds: async () => {
      const { pid, services, postgres } = await readJson<SupervisorState>(join(directory, 'supervisor.json'));
      return new Map([...services.map((each) => [each.name, each.pid] as const), ['supervisor', pid], ['postgres', postgres.pid]]);
    },
    restart: async () => {
      await stop(child);
      child = await up();
    },
    [Symbol.asyncDispose]: async () => {
      await stop(child);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill('SIGINT');
  await once(child, 'exit');
}

interface SupervisorState {
  readonly pid: number;
  readonly services: readonly { readonly name: string; readonly pid: number }[];
  readonly postgres: { readonly pid: number };
}

/** Of a file that `kiroku up` has written. */
async function readJson<T>(path: string): Promise<T> {
  return JSON.parse(await readFile(path, 'utf8')) as T; // its own format
}

async function ready(child: ChildProcess): Promise<void> {
  let printed = '';
  child.stdout?.on('data', (chunk) => {
    printed += String(chunk);
  });
  while (!printed.includes('Ready in')) {
    if (child.exitCode !== null) throw new Error(`kiroku up ended with ${child.exitCode}:\n${printed}`);
    await sleep(50);
  }
}
