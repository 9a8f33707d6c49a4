import { join } from 'node:path';
import { KirokuError } from '@kiroku/core';
import { prepareDataDirectory } from './data-directory.ts';
import { takeLock } from './process-lock.ts';

/** Takes the right to be the only supervisor of a data directory; returns how to give it back. Throws `ConfigurationInvalid` if one is running. */
export function lockDataDirectory(dataDirectory: string): Promise<() => Promise<void>> {
  return takeLock(join(dataDirectory, 'supervisor.lock'), (pid) => alreadyRunning(dataDirectory, pid));
}

/** Takes the right to be the only one to restore into a data directory. Throws `RestoreRefused` if somebody does already. */
export async function lockRestore(dataDirectory: string): Promise<() => Promise<void>> {
  await prepareDataDirectory(dataDirectory); // with servers of its own, an installation may have none yet
  return takeLock(join(dataDirectory, 'restore.lock'), (pid) => alreadyRestoring(pid));
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
