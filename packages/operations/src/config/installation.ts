import { join } from 'node:path';
import { KirokuError } from '@kiroku/core';
import { type DatabaseName, databaseNames, databaseUrl, readCredentials, userUrl } from '@kiroku/postgres';
import type { WorkLimits } from '../health/judge-work.ts';
import type { ServiceAddress } from '../processes/ask-processes.ts';
import { readSupervisorState } from '../up/supervisor-state.ts';
import type { ApplicationModule } from './application-module.ts';
import type { BackupSettings } from './backup-settings.ts';
import type { KirokuConfig, ServiceConfig, ServiceUrls } from './define-config.ts';
import type { Operator } from './operator.ts';

export type DatabaseUrls = { readonly [database in DatabaseName]: string };

/** An application in a place: what the verbs work on. */
export interface Installation {
  /** Directory of the configuration file. */
  readonly root: string;
  readonly config: KirokuConfig;
  /** Where threads find the application. Default: nothing is done in threads. */
  readonly applicationModule?: ApplicationModule;
  /** Absolute. Holds the embedded PostgreSQL, its credentials and the logs. */
  readonly dataDirectory: string;
  readonly host: string;
  readonly postgresPort: number;
  /** The databases, if they are somebody else's to run; `undefined`: the embedded PostgreSQL. */
  readonly databases: DatabaseUrls | undefined;
  /** By service. */
  readonly ports: { readonly [service: string]: number };
  /** By service, of those that have several instances: where each answers. Default: one of each, on its port. */
  readonly instanceUrls?: { readonly [service: string]: readonly string[] };
  /** How long a service may take to stop, milliseconds. */
  readonly stopTimeoutMs: number;
  /** After how long without an answer a service is taken to hang, and started again, milliseconds. Default: 0, never. */
  readonly hangTimeoutMs?: number;
  /** When background work is taken to stand still. Default: 30 seconds. */
  readonly workLimits?: WorkLimits;
  /** How long services and databases have to answer when they are asked how they are, milliseconds. Default: 5 seconds. */
  readonly answerTimeoutMs?: number;
  readonly backup: BackupSettings;
  /** On whose behalf the verbs run. */
  readonly operator: Operator;
  /** What the services inherit. */
  readonly environment: { readonly [name: string]: string | undefined };
}

export function serviceUrls({ config, host, ports }: Pick<Installation, 'config' | 'host' | 'ports'>): ServiceUrls {
  return Object.fromEntries(config.services.map(({ name, port }) => [name, serviceUrl(host, ports[name] ?? port)]));
}

/** Where each process answers that is asked about itself: every instance of a service that has several. */
export function serviceAddresses(
  installation: Pick<Installation, 'config' | 'host' | 'ports' | 'instanceUrls'>,
): readonly ServiceAddress[] {
  const { instanceUrls = {} } = installation;
  return Object.entries(serviceUrls(installation)).flatMap(([service, own]) =>
    (instanceUrls[service] ?? [own]).map((url) => ({ service, url })),
  );
}

function serviceUrl(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

export function entryFile(installation: Pick<Installation, 'root'>, service: ServiceConfig): string {
  return join(installation.root, service.entry);
}

/**
 * Where the databases are, as a role: `service` for reading and writing, `maintenance` for partitions, `superuser` for provisioning and
 * migrating. Databases of somebody else's are as they were given. Throws `ConfigurationInvalid` if there was never a start.
 */
export async function connectionUrls(installation: Installation, role: 'service' | 'maintenance' | 'superuser'): Promise<DatabaseUrls> {
  const { databases, dataDirectory, postgresPort } = installation;
  if (databases !== undefined) return databases;
  const credentials = await readCredentials(dataDirectory);
  if (credentials === undefined) {
    throw new KirokuError(
      'ConfigurationInvalid',
      `There are no databases yet in ${dataDirectory}. Start them with \`kiroku up\`, or set DATABASE_URL to a server that has them.`,
    );
  }
  const running = await readSupervisorState(dataDirectory);
  const server = `postgres://127.0.0.1:${running?.postgres?.port ?? postgresPort}/postgres`;
  return urlsOnServer(userUrl(server, users[role], credentials[role]));
}

const users = { service: 'kiroku_service', maintenance: 'kiroku_maintenance', superuser: 'postgres' } as const;

/** The three databases on one server. */
export function urlsOnServer(server: string): DatabaseUrls {
  return Object.fromEntries(databaseNames.map((database) => [database, databaseUrl(server, database)])) as DatabaseUrls; // every name is a key
}
