import { createHash, randomBytes } from 'node:crypto';
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
 * /var/lib/kiroku, and a symlink that names the place is left in the home's place. Throws `ConfigurationInvalid` if a directory cannot be written.
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
  const linked = await readlink(real).catch(() => undefined);
  const elsewhere = linked ?? ((await isThere(real)) || (await canReach(account, real)) ? undefined : newPlace(real));
  if (elsewhere !== undefined) await mkdir(systemDirectory, { recursive: true, mode: 0o755 });
  await mkdir(elsewhere ?? real, { recursive: true, mode: 0o700 });
  if (elsewhere !== undefined && linked === undefined) await symlink(elsewhere, real);
  const directory = await realpath(real);
  await chown(directory, account.uid, account.gid);
  const reachable = (await canReach(account, join(binaries.root, 'bin', 'postgres'))) ? binaries.root : await copyBinaries(binaries);
  return {
    directory,
    binaries: reachable,
    ...(elsewhere !== undefined &&
      linked === undefined && {
        notice: `PostgreSQL runs as ${account.name}, who may not enter ${dirname(real)}: its files are in ${elsewhere} (${real} is a link).`,
      }),
  };
}

// new each time: files left by a data directory that was removed must not become those of one that is made in its place
function newPlace(wanted: string): string {
  return join(systemDirectory, `${shortHash(wanted)}-${randomBytes(4).toString('hex')}`);
}

async function isThere(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined;
}

async function copyBinaries({ root, version }: Binaries): Promise<string> {
  const copy = join(systemDirectory, `postgresql-${version}`);
  if (await isThere(copy)) return copy;
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
