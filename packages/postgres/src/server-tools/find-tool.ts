import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { KirokuError } from '@kiroku/core';

const run = promisify(execFile);

/** The programs of PostgreSQL and around it that are used and not brought along, with the package of Debian that has them. */
const packages = {
  pg_dump: (major: number) => `postgresql-client-${major}`,
  pg_restore: (major: number) => `postgresql-client-${major}`,
  pg_ctl: (major: number) => `postgresql-${major}`,
  pgbackrest: () => 'pgbackrest',
} as const;

export type ToolName = keyof typeof packages;

const debianDirectory = '/usr/lib/postgresql';

/**
 * Where a program is: on the PATH, or where Debian keeps those of each version of PostgreSQL. `major` is the server's: the programs of
 * PostgreSQL refuse newer servers, so that of the least version that is new enough is taken. Throws `ToolMissing` with the line that installs it.
 */
export async function findTool(name: ToolName, major: number, path = process.env.PATH ?? ''): Promise<string> {
  const candidates = [...path.split(':').filter((directory) => directory !== ''), ...(await debianDirectories())];
  const found = await Promise.all(candidates.map((directory) => versionOf(join(directory, name))));
  const usable = found
    .filter((tool) => tool !== undefined)
    .filter(({ version }) => fits(name, Math.floor(version), major))
    .toSorted((one, other) => Math.floor(one.version) - Math.floor(other.version));
  const [best] = usable;
  if (best !== undefined) return best.file;
  const tooOld = found.find((tool) => tool !== undefined);
  throw new KirokuError(
    'ToolMissing',
    `${name}${name === 'pgbackrest' ? '' : ` of PostgreSQL ${major}`} is needed and not installed here${tooOld === undefined ? '' : ` (${tooOld.file} is version ${tooOld.version})`}. Install it: \`apt-get install ${packages[name](major)}\`, or have it on the PATH.`,
    { details: { tool: name, package: packages[name](major) } },
  );
}

// a server's files are of one version; those who only talk to it may be newer
function fits(name: ToolName, version: number, major: number): boolean {
  if (name === 'pgbackrest') return true;
  return name === 'pg_ctl' ? version === major : version >= major;
}

async function debianDirectories(): Promise<readonly string[]> {
  const versions = await readdir(debianDirectory).catch(() => []);
  return versions.map((version) => join(debianDirectory, version, 'bin'));
}

async function versionOf(file: string): Promise<{ readonly file: string; readonly version: number } | undefined> {
  const printed = await run(file, ['--version']).catch(() => undefined); // not there, or not to be run
  const version = /(\d+(?:\.\d+)?)/.exec(printed?.stdout ?? '')?.[1];
  return version === undefined ? undefined : { file, version: Number(version) };
}
