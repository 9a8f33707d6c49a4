import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, link, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
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

/** A new file, in which what was written is durable. */
const newAndSynced = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_SYNC;

/** In few steps: each waits for a turn of the event loop, which in a busy service is milliseconds. */
async function written<T>(file: string, unfinished: string, content: Uint8Array, place: (unfinished: string) => Promise<T>): Promise<T> {
  const opened: FileHandle[] = [];
  try {
    const handle = await open(unfinished, newAndSynced, 0o600);
    opened.push(handle);
    await handle.writeFile(content);
    const placed = await place(unfinished);
    const directory = await open(dirname(file), 'r');
    opened.push(directory);
    await directory.sync();
    return placed;
  } finally {
    await Promise.all([...opened.map((handle) => handle.close()), rm(unfinished, { force: true })]);
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
