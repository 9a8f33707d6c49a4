import { chmod, chown, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { KirokuError } from '@kiroku/core';
import { alterSystem, PgBackRest, type PgBackRestRepository, renderPgBackRestConfig } from '@kiroku/postgres';
import type { Installation } from '../config/installation.ts';
import { type LocalServer, localServers, pgBackRestConfig } from './servers.ts';

/** What enabling came to. */
export interface EnabledPgBackRest {
  /** What was done, one line each. */
  readonly done: readonly string[];
  /** Servers that have to be restarted before they archive, by stanza; then it has to be called again. */
  readonly toRestart: readonly string[];
}

const ours = '# Written by `kiroku backup continuous enable`.';

/**
 * Has each server archive its write-ahead log with pgBackRest: writes its configuration (unless somebody else did), sets `archive_command`, and
 * proves that a segment arrives. Safe to repeat. Throws `ToolMissing`, `ToolFailed`, `ConfigurationInvalid`.
 */
export async function enablePgBackRest(installation: Installation): Promise<EnabledPgBackRest> {
  const servers = await localServers(installation);
  const done: string[] = [];
  if (await writeConfig(installation, servers)) done.push(`wrote ${pgBackRestConfig(installation)}`);
  const toRestart: string[] = [];
  for (const server of servers) {
    const restart = await setArchiving(installation, server);
    if (restart) toRestart.push(server.stanza);
    else done.push(...(await proveArchiving(server)));
  }
  return { done, toRestart };
}

/** Returns whether the server has to be restarted. */
async function setArchiving(installation: Installation, { url, stanza, facts }: LocalServer): Promise<boolean> {
  const command = await PgBackRest.archiveCommand({ config: pgBackRestConfig(installation), stanza });
  const timeout = `${installation.backup.archiveTimeoutSeconds}s`;
  await alterSystem(url, { archive_mode: 'on', archive_command: command, archive_timeout: timeout });
  return facts.archiveMode === 'off' || facts.walLevel === 'minimal';
}

async function proveArchiving({ backrest, stanza }: LocalServer): Promise<readonly string[]> {
  await backrest.createStanza();
  await backrest.check();
  return [`${stanza}: a segment that was switched just now is in the repository`];
}

/** Returns whether it wrote. What somebody else wrote stays as it is: pgBackRest says what it lacks. */
async function writeConfig(installation: Installation, servers: readonly LocalServer[]): Promise<boolean> {
  const file = pgBackRestConfig(installation);
  const there = await readFile(file, 'utf8').catch(() => undefined);
  if (there !== undefined && !there.startsWith(ours)) return false;
  const [first] = servers;
  if (first === undefined) return false;
  const workDirectory = join(dirname(first.facts.local.dataDirectory), 'kiroku-pgbackrest');
  const { keepDays, repository } = installation.backup;
  const text = renderPgBackRestConfig({
    repository: repositoryOf(installation),
    ...(repository.key !== undefined && { key: repository.key }),
    workDirectory,
    keepDays,
    stanzas: servers.map(({ stanza, facts }) => ({ name: stanza, port: facts.port, user: 'postgres', ...facts.local })),
  });
  if (there === text) return false;
  const owner = await stat(first.facts.local.dataDirectory);
  await ownDirectory(workDirectory, owner);
  if (!repository.place.startsWith('s3://')) await ownDirectory(join(repository.place, 'pgbackrest'), owner);
  await writeOwned(file, text, owner);
  return true;
}

type Owner = { readonly uid: number; readonly gid: number };

async function ownDirectory(path: string, { uid, gid }: Owner): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o750 });
  if (process.getuid?.() === 0) await chown(path, uid, gid);
}

/** It has secrets: from its first byte on only the server's account, and root, may read it. */
async function writeOwned(file: string, text: string, { uid, gid }: Owner): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const unfinished = `${file}.${process.pid}`;
  await writeFile(unfinished, text, { mode: 0o600, flush: true });
  await chmod(unfinished, 0o600);
  if (process.getuid?.() === 0) await chown(unfinished, uid, gid);
  await rename(unfinished, file);
}

function repositoryOf({ backup, environment }: Installation): PgBackRestRepository {
  const { place, s3 } = backup.repository;
  if (!place.startsWith('s3://')) return { type: 'posix', path: join(place, 'pgbackrest') };
  const { AWS_ACCESS_KEY_ID: key, AWS_SECRET_ACCESS_KEY: keySecret } = environment;
  if (key === undefined || keySecret === undefined) {
    throw new KirokuError(
      'ConfigurationInvalid',
      'pgBackRest needs the credentials of the bucket in its configuration: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY for `kiroku backup continuous enable`.',
    );
  }
  const { host: bucket, pathname } = new URL(place);
  const region = s3?.region ?? 'us-east-1';
  const endpoint = s3?.endpoint ?? `s3.${region}.amazonaws.com`;
  return { type: 's3', bucket, path: join(pathname === '' ? '/' : pathname, 'pgbackrest'), endpoint, region, key, keySecret };
}
