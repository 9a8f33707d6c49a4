import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { KirokuError } from '@kiroku/core';
import { hasCode } from '../embedded/error-code.ts';
import { isEmptied, isLeftOut, neededEmpty } from './left-out.ts';

/** A file or directory that a backup of a cluster holds. */
export interface ClusterEntry {
  /** Within the cluster. */
  readonly path: string;
  readonly kind: 'directory' | 'file';
}

/** The last file of a backup: what it says about the cluster must not be older than the files. */
export const controlFile = 'global/pg_control';

/** What a backup of a running cluster holds, directories before what is in them. Throws `ConfigurationInvalid` if it has tablespaces elsewhere. */
export async function* clusterEntries(cluster: string, directory = ''): AsyncGenerator<ClusterEntry> {
  const entries = await readdir(join(cluster, directory), { withFileTypes: true }).catch((error: unknown) => {
    if (directory !== '' && hasCode(error, 'ENOENT')) return []; // a database that was dropped meanwhile
    throw error;
  });
  const names = new Set(entries.map(({ name }) => name));
  for (const entry of entries) {
    if (isLeftOut(directory, entry.name, names)) continue;
    const path = directory === '' ? entry.name : `${directory}/${entry.name}`;
    if (entry.isDirectory()) {
      yield { path, kind: 'directory' };
      if (!isEmptied(path)) yield* clusterEntries(cluster, path);
    } else if (entry.isFile()) {
      if (path !== controlFile) yield { path, kind: 'file' };
    } else throw elsewhere(join(cluster, path));
  }
  if (directory !== '') return;
  for (const path of neededEmpty) yield { path, kind: 'directory' };
  yield { path: controlFile, kind: 'file' };
}

/** Bytes that a backup of the cluster would read, as of now. */
export async function clusterBytes(cluster: string): Promise<number> {
  let bytes = 0;
  for await (const { path, kind } of clusterEntries(cluster)) {
    if (kind === 'file') bytes += (await lstat(join(cluster, path)).catch(() => undefined))?.size ?? 0;
  }
  return bytes;
}

function elsewhere(path: string): KirokuError {
  return new KirokuError(
    'ConfigurationInvalid',
    `${path} leads out of the cluster, as tablespaces do, so a copy of the cluster would not be whole. Move what is there back, or set BACKUP_METHOD=pg_dump.`,
  );
}
