import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a supervisor tells others about itself while it runs. */
export interface SupervisorState {
  readonly pid: number;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly ready: boolean;
  /** Socket where it can be asked; absent if it cannot. */
  readonly control?: string;
  /** The embedded one, if it runs. */
  readonly postgres: { readonly pid: number; readonly port: number } | undefined;
  readonly services: readonly ServiceState[];
}

export interface ServiceState {
  readonly name: string;
  readonly port: number;
  /** `undefined` while it is down. */
  readonly pid: number | undefined;
  readonly startedAt: string | undefined;
  /** Since the supervisor started. */
  readonly restarts: number;
}

const fileOf = (dataDirectory: string) => join(dataDirectory, 'supervisor.json');

/** The state of the supervisor that runs, or ran last and was killed; `undefined` if none did. */
export async function readSupervisorState(dataDirectory: string): Promise<SupervisorState | undefined> {
  try {
    return JSON.parse(await readFile(fileOf(dataDirectory), 'utf8'));
  } catch {
    return undefined; // not there, or of another version: both mean that nothing can be said
  }
}

export async function writeSupervisorState(dataDirectory: string, state: SupervisorState): Promise<void> {
  const unfinished = `${fileOf(dataDirectory)}.new`;
  await writeFile(unfinished, `${JSON.stringify(state, null, 2)}\n`);
  await rename(unfinished, fileOf(dataDirectory)); // readers see the old state or the new one, never half
}

export async function removeSupervisorState(dataDirectory: string): Promise<void> {
  await rm(fileOf(dataDirectory), { force: true });
}
