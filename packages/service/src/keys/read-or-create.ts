import { randomUUID } from 'node:crypto';
import { closeSync, fstatSync, fsync, linkSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { codeOf, unfinishedPrefix } from './durable-file.ts';

// For a thread of its own: everything but the waiting for the disk is done at once. Step by step it takes a service ten times of its event loop.

const synced = promisify(fsync);
/** Milliseconds within which whoever creates a file has synced it, or has failed. */
const creationMs = 60_000;

/**
 * What a file has in it; or, if there is none, creates it with `content`, whole or not at all, for this user alone, and returns `undefined`. Durable
 * when it resolves, whoever has created it. Throws `ENOENT` if there is no such directory.
 */
export async function readOrCreate(file: string, content: string): Promise<string | undefined> {
  return (await readDurably(file)) ?? ((await create(file, content)) ? undefined : readDurably(file)); // another process was faster
}

async function readDurably(file: string): Promise<string | undefined> {
  const found = readIfThere(file);
  if (found === undefined) return undefined;
  if (found.changedAt > Date.now() - creationMs) await syncDirectory(file); // it may be of this moment
  return found.content;
}

function readIfThere(file: string): { readonly content: string; readonly changedAt: number } | undefined {
  let opened: number;
  try {
    opened = openSync(file, 'r');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return { content: readFileSync(opened, 'utf8'), changedAt: fstatSync(opened).ctimeMs };
  } finally {
    closeSync(opened);
  }
}

/** `false` if there is one by now. */
async function create(file: string, content: string): Promise<boolean> {
  const unfinished = `${unfinishedPrefix(file)}${randomUUID()}`;
  const created = openSync(unfinished, 'wx', 0o600);
  try {
    try {
      writeSync(created, content);
      await synced(created);
    } finally {
      closeSync(created);
    }
    if (!linked(unfinished, file)) return false;
  } finally {
    rmSync(unfinished, { force: true }); // `forget` may have been faster
  }
  await syncDirectory(file);
  return true;
}

/** Unlike a file that is renamed, one that is linked takes nothing's place. */
function linked(unfinished: string, file: string): boolean {
  try {
    linkSync(unfinished, file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

async function syncDirectory(file: string): Promise<void> {
  const directory = openSync(dirname(file), 'r');
  try {
    await synced(directory);
  } finally {
    closeSync(directory);
  }
}
