import type { BackupManifest } from '@kiroku/backup';
import { KirokuError } from '@kiroku/core';
import { DatabaseDump, type DatabaseName, databaseIn, readChainHead, readServerFacts } from '@kiroku/postgres';
import { packKeys } from '../backup-keys/pack-keys.ts';
import { connectionUrls, type Installation } from '../config/installation.ts';
import type { BackedUp, BackUpOptions } from './back-up.ts';
import { embeddedParts } from './back-up-embedded.ts';
import { databaseFacts } from './backup-facts.ts';
import { throttled } from './throttled.ts';

/**
 * The parts of a backup by pg_dump, in the order in which they are made: the log last, so that no checkpoint is ahead of it when they are put
 * back together.
 */
export const dumpParts: { readonly [database in DatabaseName]: string } = {
  query_db: 'query_db.dump',
  command_db: 'command_db.dump',
  event_store: 'event_store.dump',
};

/** Dumps the three databases, wherever each of them is, while they are in use. Throws `ToolMissing`, `ToolFailed`, `ConfigurationInvalid`. */
export async function backUpDumps(installation: Installation, options: BackUpOptions): Promise<BackedUp> {
  const { writer, keyDirectory, throttle, onProgress } = options;
  const urls = await connectionUrls(installation, 'superuser');
  const databases = await databaseFacts(urls);
  const progress = { done: 0, total: Object.values(databases).reduce((sum, { bytes }) => sum + bytes, 0) };
  const counted = async function* (content: AsyncIterable<Uint8Array>) {
    for await (const chunk of content) {
      progress.done += chunk.length;
      onProgress({ done: progress.done, total: Math.max(progress.total, progress.done) });
      yield chunk;
    }
  };
  onProgress({ ...progress });
  let last: Pick<BackedUp, 'head' | 'finishedAt' | 'postgresVersion'> | undefined;
  for (const [database, part] of Object.entries(dumpParts) as [DatabaseName, string][]) {
    const url = urls[database];
    const { major, version } = await requireReadable(url);
    await using dump = await DatabaseDump.open({ url, major, ...(throttle.signal && { signal: throttle.signal }) });
    if (database === 'event_store') last = { postgresVersion: version, ...(await logIn(dump)) };
    await writer.add(part, throttled(counted(dump.content()), throttle));
  }
  if (keyDirectory !== undefined) await writer.add(embeddedParts.keys, packKeys(keyDirectory));
  if (last === undefined) throw new Error('The event store was not dumped.');
  return { ...last, databases, keys: keyDirectory !== undefined };
}

/** What the dump of the log holds, and when that was. */
async function logIn(dump: DatabaseDump): Promise<{ readonly head: BackupManifest['head']; readonly finishedAt: string }> {
  const { rows } = await dump.connection.query<{ now: string }>('select now() as now');
  return { head: await readChainHead(dump.connection), finishedAt: rows[0]?.now ?? new Date().toISOString() };
}

async function requireReadable(url: string): Promise<{ readonly major: number; readonly version: string }> {
  const facts = await readServerFacts(url);
  if (facts.mayReadAll) return facts;
  throw new KirokuError(
    'ConfigurationInvalid',
    `The role ${new URL(url).username} may not read everything in ${databaseIn(url)}, so it cannot be backed up whole. Use a superuser's URL for this, or \`grant pg_read_all_data, kiroku_service\` to the role: the second notes it in the audit log.`,
  );
}
