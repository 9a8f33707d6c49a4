import { stat } from 'node:fs/promises';
import { KirokuError } from '@kiroku/core';
import { type DatabaseName, databaseNames, type LocalFacts, PgBackRest, readServerFacts, type ServerFacts } from '@kiroku/postgres';
import { connectionUrls, type Installation } from '../config/installation.ts';

/** Where pgBackRest looks for its configuration by itself. */
const defaultConfig = '/etc/pgbackrest/pgbackrest.conf';

/** A server that pgBackRest looks after. */
export interface BackedUpServer {
  readonly stanza: string;
  readonly databases: readonly DatabaseName[];
  /** Of one of its databases. */
  readonly url: string;
}

/** A server that runs on this host. */
export interface LocalServer extends BackedUpServer {
  readonly facts: ServerFacts & { readonly local: LocalFacts };
  readonly backrest: PgBackRest;
}

export function pgBackRestConfig({ backup }: Pick<Installation, 'backup'>): string {
  return backup.pgbackrest.configFile ?? defaultConfig;
}

/** The servers of an installation, that of the log last. Throws `ConfigurationInvalid` if no stanza is named. */
export async function backedUpServers(installation: Installation): Promise<readonly BackedUpServer[]> {
  const { stanzas } = installation.backup.pgbackrest;
  const urls = await connectionUrls(installation, 'superuser');
  const [only] = stanzas;
  if (only === undefined) {
    throw new KirokuError(
      'ConfigurationInvalid',
      'BACKUP_METHOD is pgbackrest, and no stanza is named. Set BACKUP_PGBACKREST_STANZAS to one name, or to three if each database has a server of its own.',
    );
  }
  if (stanzas.length === 1) return [{ stanza: only, databases: databaseNames, url: urls.event_store }];
  return databaseNames
    .map((database, index) => ({ stanza: stanzas[index] ?? only, databases: [database], url: urls[database] }))
    .toReversed();
}

/** Connects to the servers and finds their files here. Throws `ConfigurationInvalid` if they are on another host, or the role is no superuser. */
export async function localServers(installation: Installation, signal?: AbortSignal): Promise<readonly LocalServer[]> {
  const servers: LocalServer[] = [];
  for (const server of await backedUpServers(installation)) {
    const facts = await readServerFacts(server.url);
    const { local } = facts;
    if (local === undefined)
      throw invalid(
        `The role ${new URL(server.url).username} is not told where its server has its files. Give a superuser's URL for this.`,
      );
    const account = await ownerOf(local.dataDirectory);
    const backrest = new PgBackRest({
      config: pgBackRestConfig(installation),
      stanza: server.stanza,
      account,
      ...(signal !== undefined && { signal }),
    });
    servers.push({ ...server, facts: { ...facts, local }, backrest });
  }
  return servers;
}

async function ownerOf(dataDirectory: string): Promise<{ readonly name: string; readonly uid: number; readonly gid: number } | undefined> {
  const found = await stat(dataDirectory).catch(() => undefined);
  if (found === undefined)
    throw invalid(
      `${dataDirectory} is not on this host, or may not be looked at. pgBackRest works on the server's own host: run this there, as root or as the server's account.`,
    );
  const { uid, gid } = found;
  if (process.getuid?.() !== 0) return undefined;
  return { name: String(uid), uid, gid };
}

function invalid(message: string): KirokuError {
  return new KirokuError('ConfigurationInvalid', message);
}
