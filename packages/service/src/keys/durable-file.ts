import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Creates a file that only this user can read, whole or not at all. `false` if there is one. Durable when it returns. */
export function createDurably(file: string, content: Uint8Array): Promise<boolean> {
  return written(file, `${unfinishedPrefix(file)}${randomUUID()}`, content, async (unfinished) => {
    try {
      await link(unfinished, file); // unlike rename it refuses what is there
      return true;
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false;
      throw error;
    }
  });
}

/** Puts a file in the place of what is there, whole or not at all. Durable when it returns. */
export async function replaceDurably(file: string, content: Uint8Array): Promise<void> {
  await written(file, `${file}.replacing-${randomUUID()}`, content, (unfinished) => rename(unfinished, file));
}

export async function readIfThere(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Removes what processes that were killed in `createDurably` have left of a file: it may be the whole content under another name. */
export async function removeUnfinished(file: string): Promise<void> {
  const directory = dirname(file);
  const left = (await readdir(directory)).map((name) => join(directory, name)).filter((path) => path.startsWith(unfinishedPrefix(file)));
  for (const path of left) await rm(path, { force: true });
  if (left.length > 0) await syncDirectory(directory);
}

/** Creates a directory that only this user can enter. Durable when it returns. */
export async function makePrivateDirectory(directory: string): Promise<void> {
  const first = await mkdir(directory, { recursive: true, mode: 0o700 });
  if (first !== undefined) await syncDirectory(dirname(first));
}

function unfinishedPrefix(file: string): string {
  return `${file}.new-`;
}

async function written<T>(file: string, unfinished: string, content: Uint8Array, place: (unfinished: string) => Promise<T>): Promise<T> {
  try {
    const handle = await open(unfinished, 'wx', 0o600);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    const placed = await place(unfinished);
    await syncDirectory(dirname(file));
    return placed;
  } finally {
    await rm(unfinished, { force: true });
  }
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
