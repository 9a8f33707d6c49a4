import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { syncDirectory } from './sync-directory.ts';

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

/** What processes that were killed in `readOrCreateAll` have left of a file: it may be the whole content under another name. */
export function unfinishedOf(file: string): Promise<readonly string[]> {
  return filesBeside(file, (name) => name.startsWith(basename(unfinishedPrefix(file))));
}

/** Files in the same directory, by their names. None if there is no such directory. */
export async function filesBeside(file: string, isMeant: (name: string) => boolean): Promise<readonly string[]> {
  const directory = dirname(file);
  try {
    return (await readdir(directory)).filter(isMeant).map((name) => join(directory, name));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Removes files. Durable when it returns. */
export async function removeAll(files: readonly string[]): Promise<void> {
  for (const file of files) await rm(file, { force: true });
  for (const directory of new Set(files.map(dirname))) await syncDirectory(directory);
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

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
