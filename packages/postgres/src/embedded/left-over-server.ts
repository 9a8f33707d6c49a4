import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KirokuError } from '@kiroku/core';
import { hasCode } from './error-code.ts';
import { commandLine, isAlive } from './process-table.ts';

/**
 * Shuts down the server that a killed supervisor left behind, and removes a pid file that points to no server of this cluster (PostgreSQL
 * itself believes any process that has the number). Returns whether one was running.
 */
export async function endLeftOverServer(cluster: string): Promise<boolean> {
  const pidFile = join(cluster, 'postmaster.pid');
  const text = await readFile(pidFile, 'utf8').catch(() => undefined);
  if (text === undefined) return false;
  const pid = Number(text.split('\n')[0]);
  if (!Number.isSafeInteger(pid) || pid <= 1 || !isAlive(pid) || !(await commandLine(pid)).includes(cluster)) {
    await rm(pidFile, { force: true });
    return false;
  }
  await shutDown(pid);
  return true;
}

/** Fast shutdown (SIGINT), then immediate (SIGQUIT): the next start recovers. Throws `ConfigurationInvalid` if it does not end. */
async function shutDown(pid: number): Promise<void> {
  for (const [signal, timeoutMs] of [
    ['SIGINT', 20_000],
    ['SIGQUIT', 10_000],
  ] as const) {
    signalServer(pid, signal);
    const deadline = Date.now() + timeoutMs;
    while (Date.now() < deadline) {
      if (!isAlive(pid)) return;
      await sleep(20);
    }
  }
  throw new KirokuError(
    'ConfigurationInvalid',
    `The PostgreSQL of an earlier start (process ${pid}) does not end. Stop it and start again.`,
  );
}

function signalServer(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return; // it has just ended
    throw new KirokuError(
      'ConfigurationInvalid',
      `Another account's PostgreSQL (process ${pid}) runs on this data directory. Stop it and start again.`,
      { cause: error },
    );
  }
}
