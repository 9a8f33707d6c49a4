import { existsSync } from 'node:fs';
import { chown, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KirokuError } from '@kiroku/core';
import type { Account } from '../embedded/account.ts';
import { findTool } from '../server-tools/find-tool.ts';
import { runTool } from '../server-tools/run-tool.ts';

export interface RestoredServerOptions {
  readonly dataDirectory: string;
  readonly port: number;
  readonly major: number;
  /** The server's account, if we are root. */
  readonly account: Account | undefined;
  /** Of the server it was taken from, where they are outside its data directory, as Debian has them. Ignored if they are not there. */
  readonly configFile?: string;
  readonly hbaFile?: string;
}

/** A server that was restored into a directory, started beside the one it was taken from. */
export class RestoredServer {
  readonly #options: RestoredServerOptions;
  readonly #pgCtl: string;

  private constructor(options: RestoredServerOptions, pgCtl: string) {
    this.#options = options;
    this.#pgCtl = pgCtl;
  }

  /**
   * Returns when it has recovered and takes connections on its port of the loopback interface. Throws `ToolMissing`, `WalMissing` if the
   * write-ahead log ends before the moment, or `ToolFailed`.
   */
  static async start(options: RestoredServerOptions): Promise<RestoredServer> {
    const server = new RestoredServer(options, await findTool('pg_ctl', options.major));
    await server.#writeConfiguration();
    try {
      await server.#run(['start', `--log=${server.logFile}`, `--options=${server.#serverOptions()}`]);
    } catch (error) {
      throw await server.#explain(error);
    }
    await server.#recovered();
    return server;
  }

  /** Ends the server that may run there, and removes its directory. */
  static async remove(place: Pick<RestoredServerOptions, 'dataDirectory' | 'major' | 'account'>): Promise<void> {
    if (existsSync(join(place.dataDirectory, 'postmaster.pid'))) {
      const server = new RestoredServer({ ...place, port: 0 }, await findTool('pg_ctl', place.major));
      await server.#run(['stop', '--wait', '--mode=immediate']).catch(() => undefined); // the file was left by one that was killed
    }
    await rm(place.dataDirectory, { recursive: true, force: true });
  }

  get logFile(): string {
    return join(this.#options.dataDirectory, 'restored.log');
  }

  async stop(): Promise<void> {
    await this.#run(['stop', '--wait', '--mode=fast']);
  }

  #serverOptions(): string {
    const { dataDirectory, port } = this.#options;
    const settings = {
      port,
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '/tmp',
      // nobody reads while it still recovers
      hot_standby: 'off',
      ...this.#outside(),
    };
    const given = Object.entries(settings).map(([name, value]) => `-c ${name}='${value}'`);
    return [`-D ${dataDirectory}`, ...given].join(' ');
  }

  #outside(): Record<string, string> {
    const { dataDirectory, configFile, hbaFile } = this.#options;
    return {
      ...(configFile !== undefined &&
        !existsSync(join(dataDirectory, 'postgresql.conf')) && { config_file: configFile, data_directory: dataDirectory }),
      ...(hbaFile !== undefined && !existsSync(join(dataDirectory, 'pg_hba.conf')) && { hba_file: hbaFile }),
    };
  }

  /** On another host than the one it was taken from, what was outside the data directory is not there: the least that a server needs. */
  async #writeConfiguration(): Promise<void> {
    const { dataDirectory, configFile, hbaFile } = this.#options;
    const needed = [
      {
        name: 'postgresql.conf',
        outside: configFile,
        text: '# Written by kiroku restore: the configuration was not in the data directory.\n',
      },
      { name: 'pg_hba.conf', outside: hbaFile, text: 'local all all peer\nhost all all 127.0.0.1/32 scram-sha-256\n' },
    ];
    for (const { name, outside, text } of needed) {
      const file = join(dataDirectory, name);
      if (existsSync(file) || (outside !== undefined && existsSync(outside))) continue;
      await writeFile(file, text, { mode: 0o600 });
      if (this.#options.account !== undefined) await chown(file, this.#options.account.uid, this.#options.account.gid);
    }
  }

  /** pg_ctl returns when the server has begun to recover; its pid file says when it is through, and is gone if it gave up. */
  async #recovered(): Promise<void> {
    for (;;) {
      const pidFile = await readFile(join(this.#options.dataDirectory, 'postmaster.pid'), 'utf8').catch(() => undefined);
      if (pidFile === undefined) throw await this.#explain(undefined);
      if (pidFile.split('\n')[7]?.trim() === 'ready') return;
      await sleep(50);
    }
  }

  async #explain(error: unknown): Promise<unknown> {
    const log = await readFile(this.logFile, 'utf8').catch(() => '');
    const ended = /recovery ended before configured recovery target was reached/.test(log);
    if (!ended)
      return new KirokuError('ToolFailed', `The restored server did not start: ${log.trim().split('\n').slice(-5).join(' ')}`, {
        cause: error,
      });
    return new KirokuError(
      'RestoreTargetOutOfRange',
      'The write-ahead log that was archived ends before that moment, or a piece of it is missing: `kiroku restore --dry-run` says how far it goes.',
      { cause: error },
    );
  }

  async #run(args: readonly string[]): Promise<void> {
    await runTool({ file: this.#pgCtl, args: [...args, `--pgdata=${this.#options.dataDirectory}`], account: this.#options.account });
  }
}
