import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '@kiroku/postgres';
import { throwAwayDatabase } from '@kiroku/testing';
import { expect, test, vi } from 'vitest';
import { freePorts } from '../shop/free-ports.ts';
import { root } from '../shop/running-shop.ts';
import { scrape } from '../shop/scrape.ts';

test('a service whose databases are gone answers scrapes quickly, says which, and tells no old figures', async () => {
  await using log = await throwAwayDatabase('event_store', migrate);
  await using command = await throwAwayDatabase('command_db', migrate);
  await using between = await CutableConnections.to(command.serviceUrl);
  await using service = await startCommandService({ EVENT_STORE_DATABASE_URL: log.serviceUrl, COMMAND_DATABASE_URL: between.url });
  const up = async (dependency: string) => (await scrape(service.url)).sum('kiroku_dependency_up', { dependency });
  await vi.waitFor(async () => expect(await up('command_db')).toBe(1), 30_000);
  expect((await scrape(service.url)).names).toContain('kiroku_outbox_waiting');

  for (const way of ['refuse', 'hang'] as const) {
    between.be(way);
    const { names } = await vi.waitFor(async () => {
      const told = await scrape(service.url);
      const [command, events] = ['command_db', 'event_store'].map((dependency) => told.sum('kiroku_dependency_up', { dependency }));
      expect([command, events]).toEqual([0, 1]);
      expect(told.ms).toBeLessThan(3_000);
      return told;
    }, 30_000);
    expect([...names]).toEqual(expect.arrayContaining(['kiroku_log_position', 'kiroku_host_disk_bytes', 'process_cpu_seconds_total']));
    expect(
      [...names].filter(
        (name) => /outbox|timers|sagas_open|_lag_(events|seconds)/.test(name) && !name.includes('event_loop') && !name.startsWith('nodejs'),
      ),
    ).toEqual([]);
  }
  between.be('pass');
  await vi.waitFor(async () => expect(await up('command_db')).toBe(1), 30_000);
});

/** A way to a database that can be cut, or from which nothing comes any more. */
class CutableConnections implements AsyncDisposable {
  readonly url: string;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;
  #way: 'pass' | 'refuse' | 'hang' = 'pass';

  private constructor(target: URL) {
    this.#sockets = new Set();
    this.#server = createServer((socket) => {
      this.#keep(socket);
      if (this.#way === 'refuse') socket.destroy();
      if (this.#way !== 'pass') return;
      const beyond = connect(Number(target.port), target.hostname);
      this.#keep(beyond);
      socket.pipe(beyond).pipe(socket);
    });
    this.url = target.href;
  }

  static async to(url: string): Promise<CutableConnections & { readonly url: string }> {
    const made = new CutableConnections(new URL(url));
    made.#server.listen(0, '127.0.0.1');
    await once(made.#server, 'listening');
    const { port } = made.#server.address() as { port: number }; // it listens on TCP
    return Object.assign(made, { url: Object.assign(new URL(url), { hostname: '127.0.0.1', port: String(port) }).href });
  }

  be(way: 'pass' | 'refuse' | 'hang'): void {
    this.#way = way;
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.be('refuse');
    this.#server.close();
    await once(this.#server, 'close');
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
  }
}

async function startCommandService(databases: Readonly<Record<string, string>>): Promise<AsyncDisposable & { readonly url: string }> {
  const keys = await mkdtemp(join(tmpdir(), 'kiroku-keys-'));
  const [port = 0] = await freePorts(1);
  const env = {
    ...process.env,
    ...databases,
    QUERY_DATABASE_URL: databases.EVENT_STORE_DATABASE_URL,
    KIROKU_KEY_DIR: keys,
    SECRET_KEY_BASE: 'a'.repeat(64),
    LOG_LEVEL: 'fatal',
    COMMAND_SERVICE_PORT: String(port),
  };
  const child = spawn(process.execPath, [join(root, 'apps/command-service/bundle/main.js')], { cwd: root, env, stdio: 'inherit' });
  const url = `http://127.0.0.1:${port}`;
  const stop = async () => {
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    await rm(keys, { recursive: true, force: true });
  };
  const isReady = () =>
    fetch(`${url}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  try {
    await vi.waitUntil(isReady, { timeout: 60_000, interval: 50 });
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, [Symbol.asyncDispose]: stop };
}
