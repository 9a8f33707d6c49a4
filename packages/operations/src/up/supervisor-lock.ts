import { join } from 'node:path';
import { KirokuError } from '@kiroku/core';
import { prepareDataDirectory } from './data-directory.ts';
import { lockHolder, takeLock } from './process-lock.ts';
import { readSupervisorState, type SupervisorState } from './supervisor-state.ts';

/** Takes the right to be the only supervisor of a data directory; returns how to give it back. Throws `ConfigurationInvalid` if one is running. */
export function lockDataDirectory(dataDirectory: string): Promise<() => Promise<void>> {
  return takeLock(supervisorLock(dataDirectory), (pid) => alreadyRunning(dataDirectory, pid));
}

/** The supervisor that runs on a data directory: what one that was killed has left, whose number may be another's now, is none. */
export async function runningSupervisor(dataDirectory: string): Promise<SupervisorState | undefined> {
  const state = await readSupervisorState(dataDirectory);
  return state !== undefined && state.pid === (await lockHolder(supervisorLock(dataDirectory))) ? state : undefined;
}

const supervisorLock = (dataDirectory: string) => join(dataDirectory, 'supervisor.lock');

/** Takes the right to be the only one to restore into a data directory. Throws `RestoreRefused` if somebody does already. */
export async function lockRestore(dataDirectory: string): Promise<() => Promise<void>> {
  await prepareDataDirectory(dataDirectory); // on a new machine, and with servers of its own, there may be none yet
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
