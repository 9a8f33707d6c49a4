import type { BackupManifest } from '@kiroku/backup';
import { createPool, type DatabaseName, databaseBytes, databaseNames, migrationStatus, readChainHead } from '@kiroku/postgres';
import type { DatabaseUrls } from '../config/installation.ts';

/** What the three databases hold now. */
export async function databaseFacts(urls: DatabaseUrls): Promise<BackupManifest['databases']> {
  const facts = await Promise.all(databaseNames.map(async (name) => [name, await factsOf(name, urls[name])] as const));
  return Object.fromEntries(facts) as BackupManifest['databases']; // every name is a key
}

/** Where the log ends now. */
export async function logHead({ event_store: url }: Pick<DatabaseUrls, 'event_store'>): Promise<BackupManifest['head']> {
  await using pool = createPool({ url, applicationName: 'kiroku-backup', max: 1 });
  return await readChainHead(pool);
}

async function factsOf(database: DatabaseName, url: string): Promise<{ readonly bytes: number; readonly schemaVersion: number }> {
  await using pool = createPool({ url, applicationName: 'kiroku-backup', max: 1 });
  const { applied } = await migrationStatus({ database, url });
  return { bytes: await databaseBytes(pool), schemaVersion: applied.at(-1)?.number ?? 0 };
}
