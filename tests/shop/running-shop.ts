import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { vi } from 'vitest';
import { freePorts } from './free-ports.ts';
import { GraphqlClient } from './graphql-client.ts';
import { runKiroku, type Said } from './kiroku-processes.ts';
import { copyPrepared } from './prepared-directory.ts';

export const root = fileURLToPath(new URL('../../', import.meta.url));
const cli = join(root, 'apps/cli/bundle/main.js');

export interface RunningShopOptions {
  /** Default: a directory of its own, as the first start leaves it, removed when the shop is disposed of. */
  readonly dataDirectory?: string;
  /** Default: free ones. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly readyWithinMs?: number;
  /** Shows the services' logs too. Default: no. */
  readonly verbose?: boolean;
}

/** 0: it does not run at the moment. */
export interface ProcessIds {
  readonly supervisor: number;
  readonly postgres: number;
  readonly services: Readonly<Record<string, number>>;
}

/** The whole shop as real processes under `kiroku up`, in a data directory and on ports of its own. */
export class RunningShop implements AsyncDisposable {
  readonly graphql: GraphqlClient;
  readonly dataDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly #child: ChildProcess;
  readonly #output: string[];
  readonly #temporary: boolean;

  private constructor(
    child: ChildProcess,
    output: string[],
    dataDirectory: string,
    environment: Readonly<Record<string, string>>,
    temporary: boolean,
  ) {
    this.#child = child;
    this.#output = output;
    this.#temporary = temporary;
    this.dataDirectory = dataDirectory;
    this.environment = environment;
    this.graphql = new GraphqlClient(`127.0.0.1:${environment.CLIENT_SERVICE_PORT}`);
  }

  /** Starts it and waits until the gateway is ready. */
  static async start(options: RunningShopOptions = {}): Promise<RunningShop> {
    const dataDirectory = options.dataDirectory ?? (await startedBefore());
    const environment = options.environment ?? (await ownPorts());
    const output: string[] = [];
    const child = spawn(process.execPath, [cli, 'up', ...(options.verbose ? ['--verbose'] : [])], {
      cwd: root,
      env: { ...process.env, ...environment, KIROKU_DATA_DIR: dataDirectory, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => output.push(String(chunk)));
    const shop = new RunningShop(child, output, dataDirectory, environment, options.dataDirectory === undefined);
    try {
      await shop.untilReady(options.readyWithinMs ?? 120_000, /Ready in/);
      return shop;
    } catch (error) {
      await shop[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** What the supervisor has printed. */
  get output(): string {
    return this.#output.join('');
  }

  /** Waits until `GET /health/ready` of the gateway answers 200 and, if given, the supervisor has printed `line`. */
  async untilReady(withinMs = 60_000, line?: RegExp): Promise<void> {
    const end = Date.now() + withinMs;
    while (Date.now() < end) {
      if (this.#child.exitCode !== null) throw new Error(`kiroku up ended with ${this.#child.exitCode}:\n${this.output}`);
      if ((line === undefined || line.test(this.output)) && (await isReady(this.graphql.host))) return;
      await sleep(50);
    }
    throw new Error(`The shop was not ready within ${withinMs} ms:\n${this.output}`);
  }

  async processIds(): Promise<ProcessIds> {
    const state = JSON.parse(await readFile(join(this.dataDirectory, 'supervisor.json'), 'utf8'));
    const services = Object.fromEntries(state.services.map(({ name, pid = 0 }: { name: string; pid?: number }) => [name, pid]));
    return { supervisor: state.pid, postgres: state.postgres?.pid ?? 0, services };
  }

  get simulatorUrl(): string {
    return `http://127.0.0.1:${this.environment.PAYMENT_SIMULATOR_PORT}`;
  }

  /** Asks a database as superuser. Default: the event store's. */
  async askDatabase(text: string, database = 'event_store'): Promise<{ readonly rows: readonly Record<string, string>[] }> {
    const { superuser } = JSON.parse(await readFile(join(this.dataDirectory, 'credentials.json'), 'utf8'));
    const client = new pg.Client({
      host: '127.0.0.1',
      port: Number(this.environment.POSTGRES_PORT),
      user: 'postgres',
      password: superuser,
      database,
    });
    await client.connect();
    try {
      return await client.query(text);
    } finally {
      await client.end();
    }
  }

  /** Ctrl-C; returns the exit code. */
  async interrupt(): Promise<number | null> {
    if (this.#hasEnded) return this.#child.exitCode;
    this.#child.kill('SIGINT');
    const [code] = await once(this.#child, 'exit');
    return code;
  }

  /** Nobody reads what it prints any more, as when a terminal is closed; returns when it has ended. */
  async stopReading(): Promise<void> {
    const exited = once(this.#child, 'exit');
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream?.destroy();
    await exited;
  }

  /** kill -9 of a service or PostgreSQL; returns when it is ready again, and the gateway is. */
  async kill(what: string): Promise<void> {
    const before = await this.#pidOf(what);
    kill(before);
    const isBack = async () => ![before, 0].includes(await this.#pidOf(what)) && (await this.#isUsable(what));
    await vi.waitUntil(isBack, { timeout: 60_000, interval: 50 });
    await this.untilReady();
  }

  /** kill -9 of the supervisor, all services and the database at once. */
  async killEverything(): Promise<void> {
    const { supervisor, postgres, services } = await this.processIds();
    const exited = once(this.#child, 'exit');
    for (const pid of [supervisor, postgres, ...Object.values(services)]) kill(pid);
    await exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.graphql.close();
    if (!this.#temporary) return void (await this.interrupt());
    await this.#abandon();
    await rm(this.dataDirectory, { recursive: true, force: true, maxRetries: 5 });
  }

  get #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Ends it at once: how it ends in order is tested elsewhere, and nothing of it is needed any more. */
  async #abandon(): Promise<void> {
    if (this.#hasEnded) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
    const { postgres, services } = await this.processIds().catch(() => ({ postgres: 0, services: {} })); // it had not come that far
    for (const pid of Object.values(services)) kill(pid);
    kill(postgres, 'SIGQUIT'); // it gives its shared memory back, and waits for nothing else
    await vi.waitUntil(() => ![postgres, ...Object.values(services)].some(isRunning), { timeout: 20_000, interval: 20 });
  }

  /** 0: it is being started. */
  async #pidOf(what: string): Promise<number> {
    const { postgres, services } = await this.processIds();
    return (what === 'PostgreSQL' ? postgres : services[what]) ?? 0;
  }

  async #isUsable(what: string): Promise<boolean> {
    if (what !== 'PostgreSQL') return isReady(`127.0.0.1:${this.environment[`${what.toUpperCase().replace('-', '_')}_PORT`]}`);
    return this.askDatabase('select').then(
      () => true,
      () => false,
    );
  }
}

async function isReady(host: string): Promise<boolean> {
  return fetch(`http://${host}/health/ready`).then(
    ({ ok }) => ok,
    () => false,
  );
}

/** Runs a `kiroku` verb against a shop, which need not be running, and returns what it printed. */
export function kiroku(shop: Pick<RunningShop, 'dataDirectory' | 'environment'>, ...args: readonly string[]): Promise<Said> {
  return runKiroku(args, { ...process.env, ...shop.environment, KIROKU_DATA_DIR: shop.dataDirectory, NO_COLOR: '1' });
}

/** A directory of its own with what the first start of a shop leaves: databases, credentials, and the sample data. */
export async function startedBefore(): Promise<string> {
  const directory = await ownDirectory();
  await copyPrepared(directory, async (dataDirectory) => {
    const first = await RunningShop.start({ dataDirectory });
    await first.askDatabase('alter system set fsync = off'); // processes are killed here, machines are not
    await first[Symbol.asyncDispose]();
    await rm(join(dataDirectory, 'logs'), { recursive: true });
  });
  return directory;
}

/** A directory that the account of the embedded server can reach too, when the tests run as root. */
export async function ownDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'kiroku-shop-'));
  await chmod(directory, 0o755);
  return directory;
}

export async function ownPorts(): Promise<Readonly<Record<string, string>>> {
  const names = ['CLIENT_SERVICE_PORT', 'COMMAND_SERVICE_PORT', 'QUERY_SERVICE_PORT', 'PAYMENT_SIMULATOR_PORT', 'POSTGRES_PORT'];
  const ports = await freePorts(names.length);
  return Object.fromEntries(names.map((name, index) => [name, String(ports[index])]));
}

/** kill -9, or another signal; no complaint if it is gone already. */
export function kill(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  if (pid === 0) return; // it does not run; to the system, 0 is our own process group
  try {
    process.kill(pid, signal);
  } catch {
    // gone already
  }
}

export function isRunning(pid: number): boolean {
  if (pid === 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
