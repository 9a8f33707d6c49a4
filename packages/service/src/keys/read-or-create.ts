import { randomUUID } from 'node:crypto';
import { closeSync, fstatSync, linkSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { codeOf, unfinishedPrefix } from './durable-file.ts';
import { syncAll } from './sync-all.ts';
import { isForNoDirectory } from './sync-directory.ts';

// For a thread of its own: short steps are made at once, and only for the disk does it wait. Step by step it would take a service ten turns of its event loop.

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
 * What is written together is synced together: see `syncAll`. The fault of a file whose directory is not there is `ENOENT`.
 */
export async function readOrCreateAll(wanted: readonly WantedFile[]): Promise<readonly ReadOrCreated[]> {
  const works = wanted.map((each): Work => ({ ...each, unfinished: `${unfinishedPrefix(each.file)}${randomUUID()}` }));
  const changed = new Set<string>();
  for (const work of works) attempt(work, () => void (readRecent(work, changed) || write(work)));
  await syncContents(works.filter(({ opened }) => opened !== undefined));
  for (const work of works) if (work.opened !== undefined) attempt(work, () => place(work, changed));
  await syncDirectories(works, changed);
  const overtaken = works.filter(({ outcome }) => outcome === undefined);
  for (const work of overtaken) attempt(work, () => void readRecent(work, changed)); // another process was faster
  await syncDirectories(overtaken, new Set(overtaken.map(({ file }) => dirname(file))));
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

async function syncContents(works: readonly Work[]): Promise<void> {
  const faults = await syncAll(works.map(({ opened = -1 }) => opened)); // all were opened
  for (const [index, work] of works.entries()) if (faults.has(index)) work.outcome ??= { fault: faults.get(index) };
}

/** Unlike a file that is renamed, one that is linked takes nothing's place. */
function place(work: Work, changed: Set<string>): void {
  const { opened = -1, unfinished, file, outcome } = work; // it was opened
  try {
    closeSync(opened);
    if (outcome !== undefined) return;
    linkSync(unfinished, file);
    changed.add(dirname(file));
    work.outcome = { there: undefined };
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  } finally {
    rmSync(unfinished, { force: true }); // `forget` may have been faster
  }
}

/** Works of a directory that cannot be synced have failed. */
async function syncDirectories(works: readonly Work[], directories: ReadonlySet<string>): Promise<void> {
  const opened = new Map<string, number>();
  const fail = (directory: string, fault: unknown): void => {
    for (const work of works) if (dirname(work.file) === directory) work.outcome = { fault };
  };
  for (const directory of directories) {
    try {
      opened.set(directory, openSync(directory, 'r'));
    } catch (fault) {
      fail(directory, fault);
    }
  }
  const names = [...opened.keys()];
  for (const [index, fault] of await syncAll([...opened.values()])) if (!isForNoDirectory(fault)) fail(names[index] ?? '', fault);
  for (const each of opened.values()) closeSync(each);
}
