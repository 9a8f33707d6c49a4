import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KirokuError } from '@kiroku/core';
import { isAlive, processStart } from '@kiroku/postgres';
import { prepareDataDirectory } from './data-directory.ts';

interface Holder {
  readonly pid: number;
  /** Tells the process from a later one with the same number. */
  readonly start: string;
}

/** Takes the right to be the only supervisor of a data directory; returns how to give it back. Throws `ConfigurationInvalid` if one is running. */
export function lockDataDirectory(dataDirectory: string): Promise<() => Promise<void>> {
  return takeLock(join(dataDirectory, 'supervisor.lock'), (pid) => alreadyRunning(dataDirectory, pid));
}

/** Takes the right to be the only one to restore into a data directory. Throws `RestoreRefused` if somebody does already. */
export async function lockRestore(dataDirectory: string): Promise<() => Promise<void>> {
  await prepareDataDirectory(dataDirectory); // with servers of its own, an installation may have none yet
  return takeLock(join(dataDirectory, 'restore.lock'), (pid) => alreadyRestoring(pid));
}

async function takeLock(file: string, taken: (pid: number) => KirokuError): Promise<() => Promise<void>> {
  const us: Holder = { pid: process.pid, start: await processStart(process.pid) };
  for (let attempt = 0; attempt < 5; attempt++) {
    if (await create(file, us)) return () => rm(file, { force: true });
    const holder = await readHolder(file);
    if (holder !== undefined && (await isRunning(holder))) throw taken(holder.pid);
    await rm(file, { force: true }); // its holder was killed
  }
  throw new KirokuError('ConfigurationInvalid', `${file} cannot be taken. Remove it if no kiroku is running here, and start again.`);
}

async function create(file: string, holder: Holder): Promise<boolean> {
  try {
    await writeFile(file, JSON.stringify(holder), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

async function readHolder(file: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return undefined; // cut off by a crash while it was written, or just removed
  }
}

async function isRunning({ pid, start }: Holder): Promise<boolean> {
  return pid !== process.pid && isAlive(pid) && (await processStart(pid)) === start;
}

function alreadyRunning(dataDirectory: string, pid: number): KirokuError {
  return new KirokuError(
    'ConfigurationInvalid',
    `Kiroku is already running on ${dataDirectory} (process ${pid}). Stop it there with Ctrl-C, or set KIROKU_DATA_DIR and other ports for a second one.`,
    { details: { pid } },
  );
}

function alreadyRestoring(pid: number): KirokuError {
  return new KirokuError(
    'RestoreRefused',
    `A restore or a drill is under way here (process ${pid}). Wait for it, or end that process: what it made beside the databases is removed by the next.`,
    { details: { pid } },
  );
}
