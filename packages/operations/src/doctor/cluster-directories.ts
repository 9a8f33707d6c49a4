import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { embeddedCluster } from '@kiroku/postgres';

/** What the embedded server has on disks, by what it is. Its log may be on one of its own, and a full one ends it. */
export async function clusterDirectories(directory: string): Promise<{ readonly [holds: string]: string }> {
  const cluster = await embeddedCluster(directory);
  const wal = join(cluster, 'pg_wal');
  const [of, ofWal] = await Promise.all([cluster, wal].map((path) => stat(path).catch(() => undefined))); // there is none yet
  return { databases: cluster, ...(ofWal !== undefined && ofWal.dev !== of?.dev && { 'write-ahead log': wal }) };
}
