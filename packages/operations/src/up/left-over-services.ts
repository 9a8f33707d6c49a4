import { setTimeout as sleep } from 'node:timers/promises';
import { commandLine, isAlive } from '@kiroku/postgres';
import { entryFile, type Installation } from '../config/installation.ts';
import { readSupervisorState } from './supervisor-state.ts';

const killedWithinMs = 5_000;

/** Waits for services that a killed supervisor left behind: they stop by themselves, but may still be finishing. Kills those that do not end in time. */
export async function endLeftOverServices(installation: Installation): Promise<void> {
  const state = await readSupervisorState(installation.dataDirectory);
  const left = await Promise.all(
    (state?.services ?? []).map(async ({ name, pid }) => {
      const service = installation.config.services.find((configured) => configured.name === name);
      if (pid === undefined || service === undefined || !isAlive(pid)) return [];
      return (await commandLine(pid)).includes(entryFile(installation, service)) ? [pid] : [];
    }),
  );
  await Promise.all(left.flat().map((pid) => end(pid, installation.stopTimeoutMs)));
}

async function end(pid: number, timeoutMs: number): Promise<void> {
  if (!signalled(pid, 'SIGTERM') || (await isGone(pid, timeoutMs))) return;
  signalled(pid, 'SIGKILL');
  await isGone(pid, killedWithinMs); // its port is free then
}

/** Whether it was there still. */
function signalled(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (isAlive(pid)) throw error;
    return false;
  }
}

async function isGone(pid: number, withinMs: number): Promise<boolean> {
  for (const deadline = performance.now() + withinMs; performance.now() < deadline; await sleep(20)) {
    if (!isAlive(pid)) return true;
  }
  return false;
}
