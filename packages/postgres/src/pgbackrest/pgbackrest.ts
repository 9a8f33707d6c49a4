import type { Account } from '../embedded/account.ts';
import type { RecoveryTarget } from '../recovery/recovery-target.ts';
import { findTool } from '../server-tools/find-tool.ts';
import { runTool } from '../server-tools/run-tool.ts';
import { type PgBackRestState, parsePgBackRestInfo } from './pgbackrest-info.ts';

export interface PgBackRestOptions {
  /** Its configuration file. */
  readonly config: string;
  readonly stanza: string;
  /** The server's account, if we are root. */
  readonly account: Account | undefined;
  readonly signal?: AbortSignal;
}

/** Where to put a server back to. */
export interface PgBackRestRestore {
  /** A directory that is not there, or is empty. */
  readonly dataDirectory: string;
  /** A backup's label. */
  readonly set: string;
  readonly target: RecoveryTarget;
}

/** Drives pgBackRest for one server. Its faults are `ToolFailed`, in its own words. */
export class PgBackRest {
  readonly #options: PgBackRestOptions;

  constructor(options: PgBackRestOptions) {
    this.#options = options;
  }

  /** For PostgreSQL's `archive_command`. */
  static async archiveCommand({ config, stanza }: Pick<PgBackRestOptions, 'config' | 'stanza'>): Promise<string> {
    return `${await findTool('pgbackrest', 0)} --config=${config} --stanza=${stanza} archive-push %p`;
  }

  /** Makes the repository know the server. Changes nothing that is already so. */
  async createStanza(): Promise<void> {
    await this.#run(['stanza-create']);
  }

  /** Proves that a segment that is switched now arrives in the repository. */
  async check(): Promise<void> {
    await this.#run(['check']);
  }

  async info(): Promise<PgBackRestState> {
    return parsePgBackRestInfo(await this.#run(['info', '--output=json']), this.#options.stanza);
  }

  /** Takes a backup; the first is a full one. Returns its label. */
  async backUp(type: 'full' | 'diff' | 'incr', annotations: Readonly<Record<string, string>>): Promise<string> {
    const before = new Set((await this.info()).backups.map(({ label }) => label));
    const notes = Object.entries(annotations).map(([name, value]) => `--annotation=${name}=${value}`);
    await this.#run(['backup', `--type=${type}`, '--no-expire-auto', ...notes]);
    const made = (await this.info()).backups.findLast(({ label }) => !before.has(label));
    if (made === undefined) throw new Error('pgBackRest made a backup and does not list it');
    return made.label;
  }

  /** Reads every file of every backup and the WAL. What is wrong is in its words; empty if nothing is. */
  async verify(): Promise<string> {
    return this.#run(['verify', '--output=text', '--verbose']);
  }

  /** Removes a backup, those that stand on it, and the WAL that only they need. */
  async expire(label: string): Promise<void> {
    await this.#run(['expire', `--set=${label}`]);
  }

  /**
   * Puts the server's files into a directory; started there, it recovers up to the moment and is a server of its own. It does not archive:
   * its write-ahead log would mix with that of the server it was taken from.
   */
  async restore({ dataDirectory, set, target }: PgBackRestRestore): Promise<void> {
    const place = [`--pg1-path=${dataDirectory}`, '--no-delta', '--archive-mode=off', `--set=${set}`];
    await this.#run(['restore', ...place, ...targetOptions(target)]);
  }

  async #run(args: readonly string[]): Promise<string> {
    const { config, stanza, account, signal } = this.#options;
    const [command = '', ...options] = args;
    return runTool({
      file: await findTool('pgbackrest', 0),
      args: [`--config=${config}`, `--stanza=${stanza}`, '--log-level-console=off', '--log-level-stderr=warn', ...options, command],
      account,
      ...(signal !== undefined && { signal }),
    });
  }
}

function targetOptions(target: RecoveryTarget): readonly string[] {
  const along = 'along' in target && target.along === 'backup' ? ['--target-timeline=current'] : [];
  switch (target.kind) {
    case 'end of log':
      return along;
    case 'end of backup':
      return ['--type=immediate', '--target-action=promote'];
    case 'time':
      return ['--type=time', `--target=${target.time.replace('T', ' ').replace('Z', '+00')}`, '--target-action=promote', ...along];
    case 'transaction':
      return ['--type=xid', `--target=${target.xid}`, '--target-action=promote'];
  }
}
