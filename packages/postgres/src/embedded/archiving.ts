import { chown, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Account } from './account.ts';
import type { Home } from './home.ts';
import { installScript } from './server-script.ts';

/** How the server hands its write-ahead log over. */
export interface Archiving {
  /** A segment that is not full is handed over after so long, if anything was written. */
  readonly timeoutSeconds: number;
}

/** Where a home's server is told which segments are kept: see sh/archive-wal.sh. */
export function archivedDirectory(home: Pick<Home, 'directory'>): string {
  return join(home.directory, 'archived');
}

/**
 * The command for the settings; without archiving, one that says that every segment is kept. What an earlier server was told is forgotten: a new
 * cluster in its place has segments of the same names.
 */
export async function archiveCommand(home: Home, account: Account | undefined, archiving: Archiving | undefined): Promise<string> {
  const directory = archivedDirectory(home);
  await rm(directory, { recursive: true, force: true });
  if (archiving === undefined) return '/bin/true';
  await mkdir(directory, { mode: 0o700 });
  if (account !== undefined) await chown(directory, account.uid, account.gid);
  return `${await installScript({ name: 'archive-wal', directory: home.directory, account })} "%f"`;
}
