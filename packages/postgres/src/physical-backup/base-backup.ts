import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KirokuError } from '@kiroku/core';
import pg from 'pg';
import { toKirokuError } from '../errors.ts';
import { statement } from '../statement.ts';
import { clusterEntries, controlFile } from './cluster-entries.ts';
import { type TarWriter, tarOf, tarOfFiles } from './tar-of-files.ts';
import { parseLsn, parseSegment, segmentAt, segmentBefore } from './wal-name.ts';

export interface BaseBackupOptions {
  /** Of the server, as superuser. */
  readonly url: string;
  /** Directory of the cluster, on this machine. */
  readonly cluster: string;
  /** What PostgreSQL's log and the label call it. */
  readonly label: string;
  /** Told of the bytes that were read, as it goes. */
  readonly onBytes?: (bytes: number) => void;
}

/** Where a backup stands in the write-ahead log. */
export interface BackupStart {
  readonly startLsn: string;
  readonly walTimeline: number;
  readonly systemIdentifier: string;
  readonly walSegmentBytes: number;
  readonly postgresVersion: string;
}

interface BackupStop {
  readonly stopLsn: string;
  /** By the server's clock: nothing that was committed before is missing from what is restored. */
  readonly stoppedAt: string;
}

/**
 * A copy of a running cluster: its files, in a tar, and the write-ahead log that makes them whole, in another. One connection holds the server's
 * backup mode and the log: both end with it, so a process that is killed leaves nothing behind. Checksums of pages are not looked at while
 * they are copied: a page may be half written then, which the log repairs.
 */
export class BaseBackup implements AsyncDisposable {
  readonly start: BackupStart;
  readonly #client: pg.Client;
  readonly #options: BaseBackupOptions;
  #stop: BackupStop | undefined;

  private constructor(client: pg.Client, options: BaseBackupOptions, start: BackupStart) {
    this.#client = client;
    this.#options = options;
    this.start = start;
  }

  /** Throws `ConfigurationInvalid` if the server's files are not in `cluster`, `DatabaseUnavailable`. */
  static async begin(options: BaseBackupOptions): Promise<BaseBackup> {
    const client = new pg.Client({ connectionString: options.url, application_name: 'kiroku-backup', keepAlive: true });
    client.on('error', () => undefined); // the next statement tells
    try {
      await client.connect();
      await client.query('set statement_timeout = 0');
      await client.query({ ...statement('physical_backup/keep_wal'), values: [`kiroku_backup_${randomBytes(6).toString('hex')}`] });
      const { rows } = await client.query<StartRow>({ ...statement('physical_backup/start_backup'), values: [options.label] });
      const [row] = rows as [StartRow]; // a function answers with one row
      await requireSameCluster(row, options.cluster);
      return new BaseBackup(client, options, startOf(row));
    } catch (error) {
      await client.end().catch(() => undefined);
      throw toKirokuError(error);
    }
  }

  /** The files. To be read to the end, which ends the backup mode; `beforeEnd` is called while it still holds. */
  files(beforeEnd: () => Promise<void> = () => Promise.resolve()): AsyncIterable<Uint8Array> {
    const { cluster, onBytes } = this.#options;
    return tarOf(async (tar) => {
      for await (const { path, kind } of clusterEntries(cluster)) await addEntry(tar, { cluster, path, kind });
      await beforeEnd();
      await tar.text('backup_label', await this.#end());
    }, onBytes);
  }

  /** What the files need of the write-ahead log, and the histories of its timelines. After `files`. */
  async *wal(): AsyncGenerator<Uint8Array> {
    const directory = join(this.#options.cluster, 'pg_wal');
    const names = (await readdir(directory)).filter((name) => this.#needs(name)).sort();
    yield* tarOfFiles(directory, names);
  }

  /** After `files`. */
  get stop(): BackupStop {
    if (this.#stop === undefined) throw new Error('The files were not read to the end.');
    return this.#stop;
  }

  /** Ends it, done or not, and lets the write-ahead log go. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.end().catch(() => undefined); // it is lost already
  }

  async #end(): Promise<string> {
    try {
      const { rows } = await this.#client.query<StopRow>(statement('physical_backup/stop_backup'));
      const [{ stop_lsn, stopped_at, label }] = rows as [StopRow]; // as above
      this.#stop = { stopLsn: stop_lsn, stoppedAt: new Date(Date.parse(stopped_at) + 1).toISOString() }; // not before: what is left of it was cut off
      return label;
    } catch (error) {
      throw toKirokuError(error);
    }
  }

  #needs(name: string): boolean {
    const { startLsn, walTimeline, walSegmentBytes } = this.start;
    if (name.endsWith('.history')) return true;
    const segment = parseSegment(name, walSegmentBytes);
    if (segment === undefined || segment.walTimeline !== walTimeline) return false;
    const first = segmentAt(walTimeline, parseLsn(startLsn), walSegmentBytes);
    const last = segmentBefore(walTimeline, parseLsn(this.stop.stopLsn), walSegmentBytes);
    return first.number <= segment.number && segment.number <= last.number;
  }
}

interface StartRow {
  readonly start_lsn: string;
  readonly wal_timeline: number;
  readonly system_identifier: string;
  readonly segment_bytes: number;
  readonly server_version: string;
  readonly data_directory: string;
}

interface StopRow {
  readonly stop_lsn: string;
  readonly label: string;
  readonly stopped_at: string;
}

function startOf(row: StartRow): BackupStart {
  return {
    startLsn: row.start_lsn,
    walTimeline: row.wal_timeline,
    systemIdentifier: row.system_identifier,
    walSegmentBytes: row.segment_bytes,
    postgresVersion: row.server_version.split(' ')[0] ?? row.server_version,
  };
}

/** The first eight bytes of the control file are the id that `initdb` gave the cluster. Throws what reading the file throws. */
export async function systemIdentifierOf(cluster: string): Promise<string> {
  return (await readFile(join(cluster, controlFile))).readBigUInt64LE(0).toString();
}

async function requireSameCluster({ system_identifier, data_directory }: StartRow, cluster: string): Promise<void> {
  const there = await systemIdentifierOf(cluster).catch((cause: unknown) => {
    throw new KirokuError(
      'ConfigurationInvalid',
      `The files of the database server (${data_directory}) cannot be read from here (${String(cause)}). Run this on its machine, as the account that started it, or set BACKUP_METHOD=pg_dump.`,
      { cause },
    );
  });
  if (there === system_identifier) return;
  throw new KirokuError(
    'ConfigurationInvalid',
    `The database server runs on ${data_directory}, and ${cluster} is another cluster. Set DATABASE_URL and KIROKU_DATA_DIR to those of one installation.`,
  );
}

async function addEntry(
  tar: TarWriter,
  { cluster, path, kind }: { readonly cluster: string; readonly path: string; readonly kind: 'directory' | 'file' },
): Promise<void> {
  if (kind === 'directory') return tar.directory(path);
  if (path === controlFile) return tar.bytes(path, await readSettled(join(cluster, path)));
  return tar.file(path, join(cluster, path));
}

/** The server may be writing it just now: read until it stands still. */
async function readSettled(file: string): Promise<Uint8Array> {
  for (let before = await readFile(file); ; ) {
    const now = await readFile(file);
    if (now.equals(before)) return now;
    before = now;
  }
}
