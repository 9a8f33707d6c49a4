import type { PgBackRestServer } from '@kiroku/backup';
import type { PgBackRestState } from '@kiroku/postgres';
import { packKeys } from '../backup-keys/pack-keys.ts';
import { connectionUrls, type Installation } from '../config/installation.ts';
import { type LocalServer, localServers } from '../pgbackrest/servers.ts';
import type { BackedUp, BackUpOptions } from './back-up.ts';
import { embeddedParts } from './back-up-embedded.ts';
import { databaseFacts, logHead } from './backup-facts.ts';

const fullEveryMs = 7 * 24 * 3_600_000;

/**
 * Has pgBackRest back up each server, that of the log last; a full backup once a week, what changed since otherwise. It keeps them in its own
 * repository; ours has the manifest. Throws `ToolMissing`, `ToolFailed`, `ConfigurationInvalid`.
 */
export async function backUpPgBackRest(installation: Installation, options: BackUpOptions): Promise<BackedUp> {
  const { writer, id, keyDirectory, throttle, onProgress } = options;
  const urls = await connectionUrls(installation, 'superuser');
  const servers = await localServers(installation, throttle.signal);
  // before the copies end, so that what is restored holds at least that
  const known = { databases: await databaseFacts(urls), head: await logHead(urls) };
  const total = Object.values(known.databases).reduce((sum, { bytes }) => sum + bytes, 0);
  onProgress({ done: 0, total });
  const made: Made[] = [];
  for (const server of servers) {
    made.push(await backUp(server, id));
    onProgress({ done: Math.round((total * made.length) / servers.length), total });
  }
  if (keyDirectory !== undefined) await writer.add(embeddedParts.keys, packKeys(keyDirectory));
  return {
    ...known,
    finishedAt: new Date(Math.max(...made.map(({ finishedAt }) => finishedAt))).toISOString(),
    postgresVersion: servers.at(-1)?.facts.version ?? '',
    keys: keyDirectory !== undefined,
    pgbackrest: made.map(({ server }) => server),
  };
}

interface Made {
  readonly server: PgBackRestServer;
  /** Milliseconds since 1970. */
  readonly finishedAt: number;
}

async function backUp({ backrest, stanza, databases, facts }: LocalServer, id: string): Promise<Made> {
  const label = await backrest.backUp(backupType(await backrest.info(), Date.now()), { kiroku: id });
  const { backups } = await backrest.info();
  const { dataDirectory, configFile, hbaFile } = facts.local;
  const server = {
    stanza,
    label,
    databases,
    major: facts.major,
    port: facts.port,
    dataDirectory,
    ...(!configFile.startsWith(`${dataDirectory}/`) && { configFile }),
    ...(!hbaFile.startsWith(`${dataDirectory}/`) && { hbaFile }),
  };
  return { server, finishedAt: backups.find((backup) => backup.label === label)?.finishedAt ?? Date.now() };
}

/** What to take next: of a week, the first is full. */
export function backupType({ backups }: Pick<PgBackRestState, 'backups'>, now: number): 'full' | 'incr' {
  const full = backups.findLast(({ type, damaged }) => type === 'full' && !damaged);
  return full === undefined || now - full.startedAt >= fullEveryMs ? 'full' : 'incr';
}
