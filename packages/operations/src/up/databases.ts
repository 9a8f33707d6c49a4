import { join } from 'node:path';
import { databaseNames, EmbeddedPostgres, ensureCredentials, migrationStatus, provision, userUrl } from '@kiroku/postgres';
import { archivingOf } from '../backup-continuous/archiving-of.ts';
import { type DatabaseUrls, type Installation, urlsOnServer } from '../config/installation.ts';
import type { Operator } from '../config/operator.ts';
import { migrateAll } from '../migrate/migrate-databases.ts';
import type { OnProgress } from './progress.ts';

/** Makes the embedded PostgreSQL of an installation; it is not started yet. */
export async function embeddedPostgres(
  installation: Installation,
  told: { readonly onProgress: OnProgress; readonly onExit: (reason: string) => void },
): Promise<EmbeddedPostgres> {
  const { dataDirectory, postgresPort } = installation;
  const credentials = await ensureCredentials(dataDirectory);
  return new EmbeddedPostgres({
    archiving: await archivingOf(installation),
    directory: join(dataDirectory, 'postgres'),
    port: postgresPort,
    superuserPassword: credentials.superuser,
    onNotice: (text) => told.onProgress({ kind: 'notice', text }),
    onExit: told.onExit,
  });
}

/** Provisions and migrates the embedded server; returns the URLs for the services, as the role that cannot alter events. */
export async function prepareEmbedded(
  postgres: EmbeddedPostgres,
  { dataDirectory, operator }: Installation,
  onProgress: OnProgress,
): Promise<DatabaseUrls> {
  const credentials = await ensureCredentials(dataDirectory);
  await provision({ url: postgres.url, credentials });
  await bringUpToDate(urlsOnServer(postgres.url), operator, onProgress);
  return urlsOnServer(userUrl(postgres.url, 'kiroku_service', credentials.service));
}

/** Migrates databases that are somebody else's to run, if anything is pending: a service's role may look, but not migrate. */
export async function prepareGiven(urls: DatabaseUrls, { operator }: Installation, onProgress: OnProgress): Promise<DatabaseUrls> {
  const states = await Promise.all(databaseNames.map((database) => migrationStatus({ database, url: urls[database] })));
  if (states.some(({ pending }) => pending.length > 0)) await bringUpToDate(urls, operator, onProgress);
  return urls;
}

async function bringUpToDate(urls: DatabaseUrls, { name, reason = 'kiroku up' }: Operator, onProgress: OnProgress): Promise<void> {
  const count = await migrateAll(urls, { name, reason });
  if (count > 0) onProgress({ kind: 'step', text: `Applied ${count} ${count === 1 ? 'migration' : 'migrations'}` });
}
