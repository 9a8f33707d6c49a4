import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findTool } from '@kiroku/postgres';
import { freePorts } from '../shop/free-ports.ts';

const run = promisify(execFile);
const major = 17;

/** The account that PostgreSQL runs as: it refuses root. */
export interface ServerAccount {
  readonly uid: number;
  readonly gid: number;
}

async function serverAccount(): Promise<ServerAccount | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const id = async (flag: string) => Number((await run('id', [flag, 'postgres'])).stdout);
  return { uid: await id('-u'), gid: await id('-g') };
}

async function whatIsMissing(tools: readonly ('pg_ctl' | 'pgbackrest')[]): Promise<string> {
  const packages: string[] = [];
  for (const tool of tools) await findTool(tool, major).catch(() => packages.push(tool === 'pg_ctl' ? `postgresql-${major}` : tool));
  return packages.length === 0 ? '' : ` (needs ${packages.join(', ')}: apt-get install ${packages.join(' ')})`;
}

/** Ends the name of a test that Debian's PostgreSQL or pgBackRest is missing for; empty if they are there. */
export const missing = await whatIsMissing(['pg_ctl', 'pgbackrest']);

/** A PostgreSQL of Debian's, as an operator has it: not embedded, nothing of ours in its configuration. */
export class DebianServer implements AsyncDisposable {
  readonly directory: string;
  readonly port: number;
  readonly account: ServerAccount | undefined;
  readonly #pgCtl: string;

  private constructor(place: {
    readonly directory: string;
    readonly port: number;
    readonly account: ServerAccount | undefined;
    readonly pgCtl: string;
  }) {
    this.directory = place.directory;
    this.port = place.port;
    this.account = place.account;
    this.#pgCtl = place.pgCtl;
  }

  static async start(): Promise<DebianServer> {
    const directory = await mkdtemp(join(tmpdir(), 'kiroku-debian-'));
    const account = await serverAccount();
    if (account !== undefined) await chown(directory, account.uid, account.gid);
    await chmod(directory, 0o755);
    const [port = 0] = await freePorts(1);
    const server = new DebianServer({ directory, port, account, pgCtl: await findTool('pg_ctl', major) });
    await server.#initialise();
    await server.start();
    return server;
  }

  /** The superuser's, for the database `postgres`. */
  get url(): string {
    return `postgres://postgres:secret@127.0.0.1:${this.port}/postgres`;
  }

  get dataDirectory(): string {
    return join(this.directory, 'data');
  }

  /** A directory beside the data that the server's account may write. */
  async ownDirectory(name: string): Promise<string> {
    const path = join(this.directory, name);
    await mkdir(path, { recursive: true, mode: 0o750 });
    if (this.account !== undefined) await chown(path, this.account.uid, this.account.gid);
    return path;
  }

  async start(): Promise<void> {
    await this.#run(this.#pgCtl, ['start', '--wait', '-D', this.dataDirectory, `--log=${join(this.directory, 'server.log')}`]);
  }

  async stop(mode: 'fast' | 'immediate' = 'fast', dataDirectory = this.dataDirectory): Promise<void> {
    await this.#run(this.#pgCtl, ['stop', '--wait', `--mode=${mode}`, '-D', dataDirectory]);
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (await isThere(join(this.dataDirectory, 'postmaster.pid'))) await this.stop('immediate');
    await rm(this.directory, { recursive: true, force: true });
  }

  async #initialise(): Promise<void> {
    const password = join(this.directory, 'password');
    await writeFile(password, 'secret', { mode: 0o644 });
    const initdb = this.#pgCtl.replace(/pg_ctl$/, 'initdb');
    const auth = ['--auth-host=scram-sha-256', '--auth-local=trust', `--pwfile=${password}`];
    await this.#run(initdb, ['-D', this.dataDirectory, '-U', 'postgres', '--no-sync', '--data-checksums', '--encoding=UTF8', ...auth]);
    const settings = { port: this.port, listen_addresses: '127.0.0.1', unix_socket_directories: this.directory, fsync: 'off' };
    const text = Object.entries(settings).map(([name, value]) => `${name} = '${value}'\n`);
    await writeFile(join(this.dataDirectory, 'postgresql.conf'), text.join(''), { flag: 'a' });
  }

  async #run(file: string, args: readonly string[]): Promise<void> {
    await run(file, args, { cwd: '/', ...(this.account !== undefined && { uid: this.account.uid, gid: this.account.gid }) });
  }
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
