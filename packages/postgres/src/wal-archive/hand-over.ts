import { createReadStream } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { archivedDirectory } from '../embedded/archiving.ts';
import { clusterOf } from '../embedded/cluster.ts';
import { hasCode } from '../embedded/error-code.ts';
import { serverPlace } from '../embedded/server-place.ts';

export interface HandOver {
  /** Of the embedded server. */
  readonly directory: string;
  /** What has to be kept before the log that needs it: called once it is known which pieces there are, if there are any. */
  readonly before?: () => Promise<void>;
  /** Keeps a piece of write-ahead log; returns when it is durable. The same may come again. */
  readonly keep: (name: string, content: AsyncIterable<Uint8Array>) => Promise<void>;
}

/**
 * Keeps every piece of write-ahead log that the server has ready, the oldest first, and tells the server, which keeps each until then. Returns
 * their names. Throws what `before` and `keep` throw; what was kept before that stays so.
 */
export async function handOverWal({ directory, before, keep }: HandOver): Promise<readonly string[]> {
  const { home } = await serverPlace(directory);
  const [wal, told] = [join(clusterOf(home), 'pg_wal'), archivedDirectory(home)];
  const ready = await readyPieces(wal);
  await forget(told, new Set(ready));
  if (ready.length > 0) await before?.();
  for (const name of ready) {
    const underWay = join(told, `${name}.under-way`);
    await writeFile(underWay, '', { mode: 0o644 });
    try {
      if (!name.endsWith('.partial')) await keep(name, createReadStream(join(wal, name))); // the end of a log that was left, which nothing needs
      await writeFile(join(told, name), '', { mode: 0o644 });
    } finally {
      await rm(underWay, { force: true });
    }
  }
  return ready;
}

/** What the server has ready to be kept, and has not been told of: histories first, as it does. */
async function readyPieces(wal: string): Promise<readonly string[]> {
  const names = await readdir(join(wal, 'archive_status')).catch(noneIfMissing);
  const ready = names.filter((name) => name.endsWith('.ready')).map((name) => name.slice(0, -'.ready'.length));
  return ready.sort((a, b) => Number(b.endsWith('.history')) - Number(a.endsWith('.history')) || (a < b ? -1 : 1));
}

/** What the server has taken note of. */
async function forget(told: string, ready: ReadonlySet<string>): Promise<void> {
  for (const name of await readdir(told).catch(noneIfMissing)) {
    if (!ready.has(name)) await rm(join(told, name), { force: true });
  }
}

function noneIfMissing(error: unknown): string[] {
  if (hasCode(error, 'ENOENT')) return [];
  throw error;
}
