import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdir, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KirokuError } from '@kiroku/core';
import type { Account } from './account.ts';
import { type Archiving, archiveCommand } from './archiving.ts';
import { clusterOf, ensureCluster } from './cluster.ts';
import { hasCode } from './error-code.ts';
import { finishExchange } from './exchange-clusters.ts';
import { type Home, shortHash } from './home.ts';
import { endLeftOverServer } from './left-over-server.ts';
import { programOptions } from './run-program.ts';
import { type ServerPlace, serverPlace } from './server-place.ts';
import { renderSettings, socketFits } from './settings.ts';
import { portTaken, startFailure, stillEnding } from './start-failure.ts';
import { acceptsConnections, takeOver, writeTakeOverRules } from './superuser-connection.ts';

export interface EmbeddedPostgresOptions {
  /** Holds the cluster, the socket and the log. Created if it is not there. */
  readonly directory: string;
  readonly port: number;
  /** Of the superuser `postgres`; kept by the caller, because a later start needs it too. */
  readonly superuserPassword: string;
  /** Off only in tests: no fsync. Default true. */
  readonly durable?: boolean;
  /** Hand the write-ahead log over. Default: it is not kept. */
  readonly archiving?: Archiving | undefined;
  /** Settings that win over all others, those of `alter system` included. */
  readonly overrides?: { readonly [setting: string]: string };
  /** The cluster comes from elsewhere: the superuser is given our password. Default false. */
  readonly takeOver?: boolean;
  /** Told, in one line, what people should know: recovery, files put elsewhere. */
  readonly onNotice?: (notice: string) => void;
  /** Told when the server ends without `stop`. `start` may be called again. */
  readonly onExit?: (reason: string) => void;
}

const fastShutdownMs = 20_000;
const immediateShutdownMs = 10_000;
const endingServerMs = 15_000;

/**
 * A PostgreSQL of our own, from the binaries that npm installed. It outlives a killed supervisor without harm: the next `start` on the
 * same directory shuts it down first. Only the loopback interface can reach it.
 */
export class EmbeddedPostgres implements AsyncDisposable {
  readonly #options: EmbeddedPostgresOptions;
  #child: ChildProcess | undefined;
  /** The one that has accepted connections: its end is told. */
  #accepted: ChildProcess | undefined;
  #stopping = false;
  #archiving: Archiving | undefined;

  constructor(options: EmbeddedPostgresOptions) {
    this.#options = options;
    this.#archiving = options.archiving;
  }

  /** Of the server; the superuser's, for the database `postgres`. */
  get url(): string {
    const { port, superuserPassword } = this.#options;
    return `postgres://postgres:${encodeURIComponent(superuserPassword)}@127.0.0.1:${port}/postgres`;
  }

  get port(): number {
    return this.#options.port;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Returns when connections are accepted. Throws `ConfigurationInvalid` or `DatabaseUnavailable`, in words for the person who started it. */
  async start(): Promise<void> {
    this.#stopping = false;
    const { port, superuserPassword, durable = true, onNotice } = this.#options;
    const { home, account } = await serverPlace(this.#options.directory);
    if (home.notice !== undefined) onNotice?.(home.notice);
    if (await endLeftOverServer(clusterOf(home))) onNotice?.('A PostgreSQL of an earlier start was still running; it was shut down.');
    await requireFreePort(port);
    if (await finishExchange(home)) onNotice?.('A restore was cut off while it switched; what it had decided was done.');
    await ensureCluster({ home, account, superuserPassword, durable });
    const socketDirectory = await prepareSocketDirectory(home, account);
    await this.#configure({ home, account, socketDirectory });
    try {
      await this.#run({ home, account, socketDirectory });
    } catch (error) {
      await this.stop(); // it may run, but refuse us
      throw error;
    }
  }

  /** Begins or ends to hand the write-ahead log over, while the server runs or from its next start on. */
  async archive(archiving: Archiving | undefined): Promise<void> {
    this.#archiving = archiving;
    if (this.#child === undefined) return;
    const { home, account } = await serverPlace(this.#options.directory);
    await this.#configure({ home, account, socketDirectory: socketDirectoryOf(home) });
    this.#child.kill('SIGHUP');
  }

  /** Fast shutdown: open transactions are rolled back, everything committed is on disk. Returns when the server has ended. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (child === undefined) return;
    const ended = once(child, 'exit');
    for (const [signal, timeoutMs] of [
      ['SIGINT', fastShutdownMs],
      ['SIGQUIT', immediateShutdownMs],
    ] as const) {
      if (this.#child === undefined) return;
      child.kill(signal);
      await Promise.race([ended, sleep(timeoutMs, undefined, { ref: false })]);
    }
    if (this.#child === undefined) return;
    child.kill('SIGKILL');
    await ended;
  }

  /** Immediate shutdown: the next start recovers from the log. For whoever cannot wait. */
  kill(): void {
    this.#stopping = true;
    this.#child?.kill('SIGQUIT');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #configure({ home, account, socketDirectory }: Place): Promise<void> {
    const { port, durable = true } = this.#options;
    const command = await archiveCommand(home, account, this.#archiving);
    const archive = { archiveCommand: command, archiveTimeoutSeconds: this.#archiving?.timeoutSeconds ?? 0 };
    await writeSettings(home, account, renderSettings({ port, socketDirectory, memory: totalmem(), durable, ...archive }));
  }

  async #run(place: Place): Promise<void> {
    const deadline = Date.now() + endingServerMs;
    for (;;) {
      const log = await this.#launch(place);
      if (log === undefined) return;
      if (!stillEnding(log) || Date.now() > deadline) {
        throw startFailure(log, { port: this.#options.port, logFile: join(place.home.directory, 'server.log') });
      }
      await sleep(250);
    }
  }

  /** Returns `undefined` once the server accepts connections, or what it wrote to its log before it ended. */
  async #launch(place: Place): Promise<string | undefined> {
    const { home, account } = place;
    const overrides = await this.#overrides(place);
    const logFile = join(home.directory, 'server.log');
    const log = await open(logFile, 'a', 0o600);
    const { size } = await log.stat();
    const child = spawn(join(home.binaries, 'bin', 'postgres'), ['-D', clusterOf(home), ...overrides], {
      ...programOptions(home, account),
      stdio: ['ignore', log.fd, log.fd],
    });
    const failed = once(child, 'error').then(([error]: unknown[]) => String(error));
    this.#child = child;
    child.once('exit', (code, signal) => this.#exited(child, signal ?? `exit code ${code}`));
    await log.close();
    const ended = once(child, 'exit').then(async () => (await readFile(logFile)).subarray(size).toString('utf8'));
    ended.catch(() => undefined); // spawning failed: `failed` tells
    const launched = await Promise.race([this.#accepting(child, place), ended, failed]);
    if (launched !== undefined && this.#child === child) this.#child = undefined;
    if (launched === undefined) this.#accepted = child;
    return launched;
  }

  #exited(child: ChildProcess, reason: string): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    if (this.#accepted === child && !this.#stopping) this.#options.onExit?.(reason);
  }

  async #accepting(child: ChildProcess, place: Place): Promise<undefined> {
    let noticeAt = Date.now() + 5_000;
    while (child.exitCode === null && child.signalCode === null) {
      if (await this.#connects(place)) return undefined;
      if (Date.now() > noticeAt) {
        this.#options.onNotice?.('PostgreSQL is recovering from its write-ahead log; this can take a while after a crash.');
        noticeAt += 30_000;
      }
      await sleep(25);
    }
    return new Promise(() => undefined); // it ended: whoever waits for that is told
  }

  #connects({ socketDirectory }: Place): Promise<boolean> {
    const { directory, port, superuserPassword, takeOver: isForeign = false } = this.#options;
    return isForeign ? takeOver({ socketDirectory, port, password: superuserPassword }) : acceptsConnections({ url: this.url, directory });
  }

  async #overrides({ home, account }: Place): Promise<readonly string[]> {
    const { overrides = {}, takeOver: isForeign = false } = this.#options;
    const rules = isForeign ? { hba_file: await writeTakeOverRules(home, account) } : {};
    return Object.entries({ ...overrides, ...rules }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  }
}

interface Place extends ServerPlace {
  readonly socketDirectory: string;
}

async function requireFreePort(port: number): Promise<void> {
  const probe = createServer();
  try {
    probe.listen(port, '127.0.0.1');
    await once(probe, 'listening');
  } catch (error) {
    throw hasCode(error, 'EADDRINUSE') ? portTaken(port) : error;
  } finally {
    probe.close();
  }
}

function socketDirectoryOf(home: Home): string {
  const inHome = join(home.directory, 'socket');
  return socketFits(inHome) ? inHome : `/tmp/kiroku-${shortHash(home.directory)}`;
}

async function prepareSocketDirectory(home: Home, account: Account | undefined): Promise<string> {
  const directory = socketDirectoryOf(home);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  if (account !== undefined) await chown(directory, account.uid, account.gid);
  const { uid } = await stat(directory);
  if (uid !== (account?.uid ?? process.getuid?.())) {
    throw new KirokuError(
      'ConfigurationInvalid',
      `${directory} belongs to somebody else and PostgreSQL needs it for its socket. Remove it.`,
    );
  }
  await removeStaleSockets(directory);
  return directory;
}

/** What a killed server left: nobody else uses this directory, and its server has ended. PostgreSQL would believe any process that has the number. */
async function removeStaleSockets(directory: string): Promise<void> {
  const files = (await readdir(directory)).filter((name) => name.startsWith('.s.PGSQL.'));
  await Promise.all(files.map((name) => rm(join(directory, name), { force: true })));
}

async function writeSettings(home: Home, account: Account | undefined, text: string): Promise<void> {
  const file = join(clusterOf(home), 'kiroku.conf');
  await writeFile(file, text, { mode: 0o600 });
  if (account !== undefined) await chown(file, account.uid, account.gid);
}
