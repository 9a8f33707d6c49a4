import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { BackupRepository, PhysicalBackup } from '@kiroku/backup';
import { createPool, embeddedCluster, parseSegment, sampleWal, segmentName, serverPlace, systemIdentifierOf } from '@kiroku/postgres';
import { readCoverage } from '../backup-continuous/wal-coverage.ts';
import { connectionUrls, type Installation } from '../config/installation.ts';
import { newestHistoryFile, parseWalHistory, type WalHistory } from '../restore/wal-history.ts';
import type { KnownWal } from '../restore/wal-reach.ts';

/** What was in use before a restore is kept beside the cluster that took its place, under this and the digits of a time. */
export const asidePrefix = 'cluster.before-restore-';

/** `pg_wal` of the present cluster, if it is the server of this system identifier: what was not archived yet is there. */
export async function liveWalOf(installation: Installation, systemIdentifier: string): Promise<string | undefined> {
  const cluster = await embeddedCluster(join(installation.dataDirectory, 'postgres'));
  const present = await systemIdentifierOf(cluster).catch(() => undefined); // there is none, or what is there is damaged
  return present === systemIdentifier ? join(cluster, 'pg_wal') : undefined;
}

/** `pg_wal` of the cluster that a restore put aside, and with it the end of the history of a backup, which is in no repository. */
export async function asideWalOf(
  installation: Installation,
  { systemIdentifier, walTimeline, walSegmentBytes }: Pick<PhysicalBackup, 'systemIdentifier' | 'walTimeline' | 'walSegmentBytes'>,
): Promise<string | undefined> {
  const { home } = await serverPlace(join(installation.dataDirectory, 'postgres'));
  const names = await readdir(home.directory).catch(() => []); // a new machine
  const found: { readonly directory: string; readonly last: string }[] = [];
  for (const name of names.filter((each) => each.startsWith(asidePrefix))) {
    const cluster = join(home.directory, name);
    if ((await systemIdentifierOf(cluster).catch(() => undefined)) !== systemIdentifier) continue;
    const directory = join(cluster, 'pg_wal');
    const own = (await readdir(directory).catch(() => [])).filter(
      (each) => parseSegment(each, walSegmentBytes)?.walTimeline === walTimeline,
    );
    const last = own.sort().at(-1);
    if (last !== undefined) found.push({ directory, last });
  }
  return found.sort((a, b) => (a.last < b.last ? -1 : 1)).at(-1)?.directory;
}

/** Names of the write-ahead log that is in the repository. */
export async function archivedWal(repository: BackupRepository): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { name } of repository.listWal()) names.push(name);
  return names;
}

/** The write-ahead log that backups of this system identifier can be restored with. */
export async function knownWal(installation: Installation, repository: BackupRepository, systemIdentifier: string): Promise<KnownWal> {
  const directory = await liveWalOf(installation, systemIdentifier);
  const writing = directory === undefined ? undefined : await writingSegment(installation);
  const live = directory === undefined ? [] : await readdir(directory).catch(() => []); // after it: there may be a next one by then
  const coverage = await readCoverage(repository);
  const archived = await archivedWal(repository);
  const history = await historyOf(repository, { archived, live, directory });
  return {
    archived,
    live,
    ...(history !== undefined && { history }),
    ...(writing !== undefined && { writing }),
    ...(coverage?.systemIdentifier === systemIdentifier && { coverage }),
  };
}

/** Which cannot be read without the key, or if it was altered: then nothing is known of it, and a recovery says what is wrong. */
async function historyOf(
  repository: BackupRepository,
  { archived, live, directory = '' }: Pick<KnownWal, 'archived' | 'live'> & { readonly directory: string | undefined },
): Promise<WalHistory | undefined> {
  const name = newestHistoryFile([...archived, ...live]);
  if (name === undefined) return undefined;
  const read = live.includes(name) ? readFile(join(directory, name), 'utf8') : text(repository.readWal(name));
  return read.then(
    (content) => parseWalHistory(name, content),
    () => undefined,
  );
}

async function writingSegment(installation: Installation): Promise<string | undefined> {
  const { event_store: url } = await connectionUrls(installation, 'superuser');
  await using pool = createPool({ url, applicationName: 'kiroku-restore', max: 1, connectTimeoutMs: 3_000 });
  try {
    const { segment, segmentBytes } = await sampleWal(pool);
    return segmentName(segment, segmentBytes);
  } catch {
    return undefined; // it does not run, or is what has to be restored
  }
}
