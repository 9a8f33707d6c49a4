import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Puts a file in the place of what is there, whole or not at all. Durable when it returns. */
export async function replaceDurably(file: string, content: Uint8Array): Promise<void> {
  const unfinished = `${file}.replacing-${randomUUID()}`;
  try {
    await writeFile(unfinished, content, { flag: 'wx', mode: 0o600, flush: true });
    await rename(unfinished, file);
  } finally {
    await rm(unfinished, { force: true });
  }
  await syncDirectory(dirname(file));
}

export async function readIfThere(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Removes what processes that were killed in `readOrCreateAll` have left of a file: it may be the whole content under another name. */
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

/** What the names of files begin with that are not yet what they will be. */
export function unfinishedPrefix(file: string): string {
  return `${file}.new-`;
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
