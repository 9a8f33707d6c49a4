import { join } from 'node:path';
import type { BackupManifest } from '@kiroku/backup';
import { BaseBackup, clusterBytes, embeddedCluster } from '@kiroku/postgres';
import { packKeys } from '../backup-keys/pack-keys.ts';
import { connectionUrls, type Installation } from '../config/installation.ts';
import type { BackedUp, BackUpOptions } from './back-up.ts';
import { databaseFacts, logHead } from './backup-facts.ts';
import { throttled } from './throttled.ts';

/** The parts of a backup of the embedded server, in the order in which they are unpacked. */
export const embeddedParts = { cluster: 'cluster.tar', wal: 'wal.tar', keys: 'keys.tar' } as const;

/** What is written meanwhile is kept on the server's disk until the log is copied: at a slower pace than it grows at, that would have no end. */
const leastWalPace = 50_000_000;

function walPace(bytesPerSecond: number | undefined): number | undefined {
  return bytesPerSecond === undefined ? undefined : Math.max(bytesPerSecond, leastWalPace);
}

/**
 * Copies the cluster, all three databases in one, with the write-ahead log that makes it whole: it can be restored alone. The head is read before
 * the copy ends, so that what is restored holds at least that.
 */
export async function backUpEmbedded(installation: Installation, options: BackUpOptions): Promise<BackedUp> {
  const { writer, id, keyDirectory, throttle, onProgress } = options;
  const urls = await connectionUrls(installation, 'superuser');
  const cluster = await embeddedCluster(join(installation.dataDirectory, 'postgres'));
  const total = await clusterBytes(cluster);
  let done = 0;
  const onBytes = (bytes: number) => {
    done += bytes;
    onProgress({ done, total: Math.max(done, total) });
  };
  onBytes(0);
  await using copy = await BaseBackup.begin({ url: urls.event_store, cluster, label: `kiroku ${id}`, onBytes });
  let known: Pick<BackupManifest, 'databases' | 'head'> | undefined;
  const files = copy.files(async () => {
    known = { databases: await databaseFacts(urls), head: await logHead(urls) };
  });
  await writer.add(embeddedParts.cluster, throttled(files, throttle));
  await writer.add(embeddedParts.wal, throttled(copy.wal(), { signal: throttle.signal, bytesPerSecond: walPace(throttle.bytesPerSecond) }));
  if (keyDirectory !== undefined) await writer.add(embeddedParts.keys, packKeys(keyDirectory));
  if (known === undefined) throw new Error('The files were not read to the end.');
  const { postgresVersion, ...start } = copy.start;
  return {
    ...known,
    finishedAt: copy.stop.stoppedAt,
    postgresVersion,
    keys: keyDirectory !== undefined,
    physical: { ...start, stopLsn: copy.stop.stopLsn },
  };
}
