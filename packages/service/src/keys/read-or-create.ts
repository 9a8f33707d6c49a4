import { randomUUID } from 'node:crypto';
import { closeSync, fstatSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { codeOf, unfinishedPrefix } from './durable-file.ts';

// For a thread of its own, which may wait for the disk. Step by step, and each file for itself, it takes a service ten times of its event loop.

/** Milliseconds within which whoever creates a file has synced it, or has failed. */
const creationMs = 60_000;

/** A file that should be there, with this content if it is not. */
export interface WantedFile {
  readonly file: string;
  readonly content: string;
}

/** What was in the file; `undefined` if it was created; or why neither could be. */
export type ReadOrCreated = { readonly there: string | undefined } | { readonly fault: unknown };

/** A file on its way. */
interface Work extends WantedFile {
  readonly unfinished: string;
  opened?: number;
  outcome?: ReadOrCreated;
}

/**
 * Reads files, or creates those that are not there: each whole or not at all, for this user alone, and durable when it returns, whoever has created it.
 * What is written together is synced together: the file system commits it once. The fault of a file whose directory is not there is `ENOENT`.
 */
export function readOrCreateAll(wanted: readonly WantedFile[]): readonly ReadOrCreated[] {
  const works = wanted.map((each): Work => ({ ...each, unfinished: `${unfinishedPrefix(each.file)}${randomUUID()}` }));
  const changed = new Set<string>();
  for (const work of works) attempt(work, () => void (readRecent(work, changed) || write(work)));
  for (const work of works) if (work.opened !== undefined) attempt(work, () => place(work, changed));
  for (const directory of changed) syncDirectory(works, directory);
  const overtaken = works.filter(({ outcome }) => outcome === undefined);
  for (const work of overtaken) attempt(work, () => void readRecent(work, changed)); // another process was faster
  for (const directory of new Set(overtaken.map(({ file }) => dirname(file)))) syncDirectory(overtaken, directory);
  return works.map(({ file, outcome }) => outcome ?? { fault: new Error(`${file} was there, and is gone.`) });
}

function attempt(work: Work, step: () => void): void {
  try {
    step();
  } catch (fault) {
    work.outcome = { fault };
  }
}

/** Is it there? Its directory is to be synced if it may be of this moment. */
function readRecent(work: Work, changed: Set<string>): boolean {
  let opened: number;
  try {
    opened = openSync(work.file, 'r');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
  try {
    work.outcome = { there: readFileSync(opened, 'utf8') };
    if (fstatSync(opened).ctimeMs > Date.now() - creationMs) changed.add(dirname(work.file));
    return true;
  } finally {
    closeSync(opened);
  }
}

function write(work: Work): void {
  work.opened = openSync(work.unfinished, 'wx', 0o600);
  writeSync(work.opened, work.content);
}

/** Unlike a file that is renamed, one that is linked takes nothing's place. */
function place(work: Work, changed: Set<string>): void {
  const { opened = -1, unfinished, file, outcome } = work; // it was opened
  try {
    try {
      if (outcome !== undefined) return;
      fsyncSync(opened);
    } finally {
      closeSync(opened);
    }
    linkSync(unfinished, file);
    changed.add(dirname(file));
    work.outcome = { there: undefined };
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  } finally {
    rmSync(unfinished, { force: true }); // `forget` may have been faster
  }
}

function syncDirectory(works: readonly Work[], directory: string): void {
  try {
    const opened = openSync(directory, 'r');
    try {
      fsyncSync(opened);
    } finally {
      closeSync(opened);
    }
  } catch (fault) {
    for (const work of works) if (dirname(work.file) === directory) work.outcome = { fault };
  }
}
