import { readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { BackupManifest, PgBackRestServer } from '@kiroku/backup';
import { KirokuError } from '@kiroku/core';
import { databaseIn, freePort, PgBackRest, type RecoveryTarget, RestoredServer } from '@kiroku/postgres';
import { connectionUrls, type DatabaseUrls, type Installation } from '../config/installation.ts';
import { migrateAll } from '../migrate/migrate-databases.ts';
import { pgBackRestConfig } from '../pgbackrest/servers.ts';
import type { RestoredPlace } from '../restore/restored-place.ts';

export interface RestorePgBackRestOptions {
  readonly manifest: BackupManifest;
  /** A transaction is one of the log's server, so the databases have to be on one. */
  readonly target: RecoveryTarget;
  /** Names the new data directories: digits of a time. */
  readonly stamp: string;
  readonly onProgress: (progress: { readonly done: number; readonly total: number }) => void;
  readonly signal?: AbortSignal;
}

interface Started {
  readonly of: PgBackRestServer;
  readonly dataDirectory: string;
  readonly port: number;
  readonly server: RestoredServer;
}

/**
 * Has pgBackRest put each server back into a directory beside its own, and starts it there on a free port: a server of its own, which does not
 * archive. What was made is removed if one of them cannot be. Throws `ToolMissing`, `ToolFailed`, `RestoreTargetOutOfRange`, `RestoreRefused`.
 */
export async function restorePgBackRest(installation: Installation, options: RestorePgBackRestOptions): Promise<RestoredPlace> {
  const { manifest, onProgress } = options;
  const servers = manifest.pgbackrest ?? [];
  if (options.target.kind === 'transaction' && servers.length > 1) throw severalServers();
  for (const server of servers) await removeDrills(server);
  const made: string[] = [];
  const started: Started[] = [];
  const discard = async () => {
    for (const { server } of started) await server.stop();
    for (const dataDirectory of made) await rm(dataDirectory, { recursive: true, force: true });
  };
  try {
    onProgress({ done: 0, total: servers.length });
    for (const of of servers) {
      const dataDirectory = `${of.dataDirectory}-restored-${options.stamp}`;
      made.push(dataDirectory);
      started.push(await startOne(installation, { of, dataDirectory }, options));
      onProgress({ done: started.length, total: servers.length });
    }
    const urls = movedUrls(await connectionUrls(installation, 'superuser'), started);
    await migrateAll(urls, installation.operator);
    return { urls, switching: started.map(describe), switch: () => Promise.resolve(switchedTo(urls, started)), discard };
  } catch (error) {
    await discard();
    throw error;
  }
}

/** What drills that were killed left: a directory, and the server that may run in it. */
async function removeDrills({ dataDirectory, major }: PgBackRestServer): Promise<void> {
  const [parent, prefix] = [dirname(dataDirectory), `${basename(dataDirectory)}-restored-drill_`];
  const left = (await readdir(parent).catch(() => [])).filter((name) => name.startsWith(prefix));
  for (const name of left)
    await RestoredServer.remove({ dataDirectory: join(parent, name), major, account: await accountFor(dataDirectory) });
}

function severalServers(): KirokuError {
  return new KirokuError(
    'RestoreRefused',
    'A position is one of the log, and the databases are on servers of their own, which have only the time in common. `kiroku events show` says when a position was recorded: restore to that.',
  );
}

async function startOne(
  installation: Installation,
  { of, dataDirectory }: Pick<Started, 'of' | 'dataDirectory'>,
  { target, signal }: RestorePgBackRestOptions,
): Promise<Started> {
  const account = await accountFor(of.dataDirectory);
  const backrest = new PgBackRest({ config: pgBackRestConfig(installation), stanza: of.stanza, account, ...(signal && { signal }) });
  const { label: set, major, configFile, hbaFile } = of;
  // what the server in use has not handed over yet would be missing; if it does not run, it cannot
  await backrest.check().catch(() => undefined);
  await backrest.restore({ dataDirectory, set, target });
  const outside = { ...(configFile !== undefined && { configFile }), ...(hbaFile !== undefined && { hbaFile }) };
  const port = await freePort();
  return { of, dataDirectory, port, server: await RestoredServer.start({ dataDirectory, port, major, account, ...outside }) };
}

/** Who owns the server's files; on a new host those of the directory they will be in. */
async function accountFor(
  dataDirectory: string,
): Promise<{ readonly name: string; readonly uid: number; readonly gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (let directory = dataDirectory; directory !== '/'; directory = dirname(directory)) {
    const found = await stat(directory).catch(() => undefined);
    if (found !== undefined && found.uid !== 0) return { name: String(found.uid), uid: found.uid, gid: found.gid };
  }
  throw new KirokuError(
    'RestoreRefused',
    `Neither ${dataDirectory} nor a directory above it belongs to the account that PostgreSQL runs as, which restores. Create the parent directory, and give it to that account.`,
  );
}

/** The same databases, users and passwords, on the restored servers. */
function movedUrls(live: DatabaseUrls, started: readonly Started[]): DatabaseUrls {
  const urls: { -readonly [database in keyof DatabaseUrls]: string } = { ...live };
  for (const { of, port } of started) {
    for (const database of of.databases) {
      const url = new URL(live[database]);
      url.host = `127.0.0.1:${port}`;
      urls[database] = url.href;
    }
  }
  return urls;
}

function describe({ of, dataDirectory, port }: Started): string {
  return `${of.databases.join(', ')} are served from ${dataDirectory}, on port ${port} of 127.0.0.1; the server on port ${of.port} stays as it is`;
}

function switchedTo(urls: DatabaseUrls, started: readonly Started[]): Awaited<ReturnType<RestoredPlace['switch']>> {
  return {
    urls,
    aside: started.map(({ of }) => `the server on port ${of.port} (${of.dataDirectory})`).join(', '),
    todo: [
      'Stop the services, and give them these URLs, each with the user and the password they had:',
      ...Object.entries(urls).map(
        ([database, url]) => `  ${variables[database as keyof DatabaseUrls]}=postgres://…@${new URL(url).host}/${databaseIn(url)}`,
      ), // the keys are theirs
      'Or stop the server that was in use, and start the restored one in its place: on its port, from the new directory.',
      'Then `kiroku backup continuous enable`: a restored server does not archive until it is told to.',
    ],
  };
}

const variables = {
  event_store: 'EVENT_STORE_DATABASE_URL',
  command_db: 'COMMAND_DATABASE_URL',
  query_db: 'QUERY_DATABASE_URL',
} as const;
