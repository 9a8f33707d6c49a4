import { createHash } from 'node:crypto';
import { chown, cp, lstat, mkdir, readlink, realpath, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { KirokuError } from '@kiroku/core';
import { type Account, canReach } from './account.ts';
import type { Binaries } from './binaries.ts';
import { hasCode } from './error-code.ts';

const systemDirectory = '/var/lib/kiroku';

/** Where the server's files are in the end. */
export interface Home {
  /** Holds the cluster, the socket and the log. */
  readonly directory: string;
  readonly binaries: string;
  /** What to tell people, if something had to be put elsewhere. */
  readonly notice?: string;
}

/**
 * Creates the home. If we are root and the server's account cannot reach it or the binaries (a clone under /root), they go to
 * /var/lib/kiroku and a symlink is left in the home's place. Throws `ConfigurationInvalid` if a directory cannot be written.
 */
export async function prepareHome(wanted: string, binaries: Binaries, account: Account | undefined): Promise<Home> {
  try {
    if (account === undefined) {
      await mkdir(wanted, { recursive: true, mode: 0o700 });
      return { directory: await realpath(wanted), binaries: binaries.root };
    }
    return await prepareHomeFor(account, wanted, binaries);
  } catch (error) {
    if (!hasCode(error, 'EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'ENOTDIR')) throw error;
    throw new KirokuError(
      'ConfigurationInvalid',
      `The directory of the embedded PostgreSQL cannot be written (${String(error)}). Give the account you run as that directory, or set KIROKU_DATA_DIR to another.`,
      { cause: error },
    );
  }
}

async function prepareHomeFor(account: Account, wanted: string, binaries: Binaries): Promise<Home> {
  await mkdir(dirname(wanted), { recursive: true });
  const real = join(await realpath(dirname(wanted)), basename(wanted));
  const elsewhere = !(await isDirectory(real)) && !(await canReach(account, real)) ? join(systemDirectory, shortHash(real)) : undefined;
  if (elsewhere !== undefined) await mkdir(systemDirectory, { recursive: true, mode: 0o755 });
  await mkdir(elsewhere ?? real, { recursive: true, mode: 0o700 });
  const moved = elsewhere !== undefined && (await pointTo(elsewhere, real));
  const directory = await realpath(real);
  await chown(directory, account.uid, account.gid);
  const reachable = (await canReach(account, join(binaries.root, 'bin', 'postgres'))) ? binaries.root : await copyBinaries(binaries);
  const notice = moved
    ? `PostgreSQL runs as ${account.name}, who may not enter ${dirname(real)}: its files are in ${elsewhere} (${real} is a link).`
    : undefined;
  return { directory, binaries: reachable, ...(notice !== undefined && { notice }) };
}

// a link of an earlier start is not a directory, and may point to where nothing is any more
async function isDirectory(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  return found?.isDirectory() ?? false;
}

/** Returns whether the link is new. */
async function pointTo(directory: string, link: string): Promise<boolean> {
  if ((await readlink(link).catch(() => undefined)) === directory) return false;
  await rm(link, { force: true });
  await symlink(directory, link);
  return true;
}

async function copyBinaries({ root, version }: Binaries): Promise<string> {
  const copy = join(systemDirectory, `postgresql-${version}`);
  if (await isDirectory(copy)) return copy;
  const unfinished = `${copy}.${process.pid}`;
  await mkdir(systemDirectory, { recursive: true, mode: 0o755 });
  await cp(root, unfinished, { recursive: true, verbatimSymlinks: true });
  await rename(unfinished, copy).catch((error: unknown) => {
    if (!hasCode(error, 'ENOTEMPTY', 'EEXIST')) throw error; // another start was quicker
    return rm(unfinished, { recursive: true });
  });
  return copy;
}

export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
