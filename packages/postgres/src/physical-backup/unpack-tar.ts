import { closeSync, fchownSync, openSync, writeFile, writeFileSync } from 'node:fs';
import { chown, mkdir } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { KirokuError } from '@kiroku/core';
import { extract } from 'tar-stream';
import type { Account } from '../embedded/account.ts';

export interface UnpackOptions {
  /** Where to. Created if it is not there. */
  readonly directory: string;
  /** Whose the files shall be. Default: ours. */
  readonly account?: Account | undefined;
  readonly onBytes?: (bytes: number) => void;
}

/**
 * Writes what a tar holds. Returns the paths of its files. Throws `BackupDamaged` if it is none, or leads out of the directory, and what reading it
 * throws.
 */
export async function unpackTar(tar: AsyncIterable<Uint8Array>, options: UnpackOptions): Promise<readonly string[]> {
  const { directory, account } = options;
  await makeDirectory(directory, account);
  const files: string[] = [];
  const made = new Set<string>();
  const reading = extract();
  const faults: unknown[] = [];
  const fed = pipeline(
    withFault(tar, (error) => void faults.push(error)),
    reading,
  );
  fed.catch(() => undefined); // awaited below; where it fails, reading does
  try {
    for await (const entry of reading) {
      const { name, type } = entry.header;
      const path = pathWithin(directory, name);
      if (type === 'directory') {
        entry.resume();
        await makeDirectory(path, account);
      } else {
        await makeParent(path, made);
        await writeFileOf(entry as AsyncIterable<Uint8Array>, path, options);
        files.push(name);
      }
    }
    await fed;
    return files;
  } catch (error) {
    if (faults.length > 0) throw faults[0]; // an entry that is being read says of it only that the stream is destroyed
    throw error instanceof Error && /tar header|unexpected end/i.test(error.message) ? noTar(error) : error;
  }
}

async function* withFault(source: AsyncIterable<Uint8Array>, onFault: (error: unknown) => void): AsyncGenerator<Uint8Array> {
  try {
    yield* source;
  } catch (error) {
    onFault(error);
    throw error;
  }
}

async function makeDirectory(path: string, account: Account | undefined): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  if (account !== undefined) await chown(path, account.uid, account.gid);
}

/** Of a file: the tar need not have it. */
async function makeParent(path: string, made: Set<string>): Promise<void> {
  const parent = dirname(path);
  if (!made.has(parent)) await mkdir(parent, { recursive: true, mode: 0o700 });
  made.add(parent);
}

/** Shorter pieces are written at once: libuv's threads are busy decompressing, and waiting for a turn of theirs takes longer than writing. */
const shortBytes = 64 * 1024;
const writeAll = promisify<number, Uint8Array>(writeFile);

async function writeFileOf(content: AsyncIterable<Uint8Array>, path: string, { account, onBytes }: UnpackOptions): Promise<void> {
  const file = openSync(path, 'w', 0o600); // at once, too, with what follows
  let writing: Promise<void> = Promise.resolve();
  try {
    if (account !== undefined) fchownSync(file, account.uid, account.gid);
    for await (const chunk of content) {
      await writing;
      if (chunk.length <= shortBytes) writeFileSync(file, chunk);
      else writing = writeAll(file, chunk); // while the next is read
      writing.catch(() => undefined); // awaited with the next, or at the end
      onBytes?.(chunk.length);
    }
    await writing;
  } finally {
    await writing.catch(() => undefined); // no write after the end, whatever ended it
    closeSync(file);
  }
}

function pathWithin(directory: string, name: string): string {
  const path = join(directory, normalize(name));
  if (path === directory || path.startsWith(`${directory}/`)) return path;
  throw noTar(`"${name}" leads out of it`);
}

function noTar(why: unknown): KirokuError {
  return new KirokuError('BackupDamaged', `A part of the backup cannot be unpacked (${String(why)}). Restore from another backup.`, {
    cause: why,
  });
}
