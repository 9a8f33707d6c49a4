import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from './error-code.ts';

/** As many as libuv has threads: 2,200 files of 850 MB took 0.9 s so, and 1.4 to 4.8 one after another. */
const atOnce = 4;

/** Makes everything in a directory durable, files and directories. For what a server without fsync has written, after it ended. */
export async function syncFiles(directory: string): Promise<void> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const inside = entries.filter((entry) => entry.isFile() || entry.isDirectory()).map(({ parentPath, name }) => join(parentPath, name));
  await syncPaths([...inside, directory]);
}

/** Makes files durable, but for those that are gone meanwhile: a server may be at work on them, and `syncFiles` has less to do after its end. */
export async function syncPaths(paths: readonly string[]): Promise<void> {
  const next = paths.values();
  const syncNext = async () => {
    for (const path of next) await sync(path);
  };
  await Promise.all(Array.from({ length: atOnce }, syncNext));
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  });
  try {
    await handle?.sync();
  } finally {
    await handle?.close();
  }
}
