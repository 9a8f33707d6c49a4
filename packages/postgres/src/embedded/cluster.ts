import { appendFile, chown, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KirokuError } from '@kiroku/core';
import type { Account } from './account.ts';
import { postgresMajor } from './binaries.ts';
import type { Home } from './home.ts';
import { runProgram } from './run-program.ts';

export interface ClusterOptions {
  readonly home: Home;
  readonly account: Account | undefined;
  readonly superuserPassword: string;
  readonly durable: boolean;
}

/** The cluster's directory in a home. */
export function clusterOf(home: Pick<Home, 'directory'>): string {
  return join(home.directory, 'cluster');
}

/**
 * Makes sure that there is a complete cluster of our major version; returns whether it is new. It is made under another name and renamed,
 * so that one that was interrupted is never mistaken for a whole one. Throws `ConfigurationInvalid`.
 */
export async function ensureCluster(options: ClusterOptions): Promise<boolean> {
  const cluster = clusterOf(options.home);
  const files = await readdir(cluster).catch(() => []);
  if (files.length > 0) {
    await requireWhole(cluster, files);
    return false;
  }
  await initialise(`${cluster}.new`, options);
  await rename(`${cluster}.new`, cluster);
  return true;
}

async function requireWhole(cluster: string, files: readonly string[]): Promise<void> {
  const whole = ['PG_VERSION', 'global', 'base', 'postgresql.conf'].every((file) => files.includes(file));
  if (!whole) {
    throw new KirokuError(
      'ConfigurationInvalid',
      `${cluster} is not a whole PostgreSQL data directory: something else wrote there, or part of it was removed. Put its files back from a backup, or move the directory away to begin with an empty one.`,
    );
  }
  const version = (await readFile(join(cluster, 'PG_VERSION'), 'utf8')).trim();
  if (version !== postgresMajor) {
    throw new KirokuError(
      'ConfigurationInvalid',
      `${cluster} was made by PostgreSQL ${version}; the embedded one is ${postgresMajor} and cannot read it. Export with the old version and import, or set KIROKU_DATA_DIR to a new directory.`,
    );
  }
}

async function initialise(directory: string, { home, account, superuserPassword, durable }: ClusterOptions): Promise<void> {
  await rm(directory, { recursive: true, force: true }); // what an interrupted start left
  const passwordFile = join(home.directory, 'initial-password');
  await rm(passwordFile, { force: true });
  await writeFile(passwordFile, superuserPassword, { mode: 0o600 });
  if (account !== undefined) await chown(passwordFile, account.uid, account.gid);
  const args = [
    '-D',
    directory,
    '-U',
    'postgres',
    `--pwfile=${passwordFile}`,
    '--data-checksums',
    '--auth=scram-sha-256',
    '--encoding=UTF8',
  ];
  const locale = ['--no-locale', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  try {
    const { code, output } = await runProgram('initdb', [...args, ...locale, ...(durable ? [] : ['--no-sync'])], { home, account });
    if (code !== 0) {
      throw new KirokuError(
        'ConfigurationInvalid',
        `PostgreSQL could not create its data directory: ${lastLine(output)} Repair that and start again.`,
        { details: { output } },
      );
    }
  } finally {
    await rm(passwordFile, { force: true });
  }
  await appendFile(join(directory, 'postgresql.conf'), "\ninclude = 'kiroku.conf'\n");
}

function lastLine(output: string): string {
  const lines = output.trim().split('\n');
  return lines.find((line) => line.includes('error:')) ?? lines.at(-1) ?? '';
}
