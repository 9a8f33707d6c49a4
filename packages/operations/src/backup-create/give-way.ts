import { readdir } from 'node:fs/promises';
import { constants, setPriority } from 'node:os';

/**
 * Lets all else on the machine go first: where another process wants a processor too, it gets ten times as much of it. Not the least priority
 * there is: with a seventieth, a backup beside a machine at its limit never came to its end. On Linux a priority is one of a thread, so each gets it;
 * elsewhere the process does. Returns what takes it back, where the system lets us.
 */
export async function giveWay(): Promise<() => Promise<void>> {
  await setPriorities(constants.priority.PRIORITY_BELOW_NORMAL);
  return () => setPriorities(constants.priority.PRIORITY_NORMAL);
}

async function setPriorities(priority: number): Promise<void> {
  const threads = await readdir('/proc/self/task').catch(() => [String(process.pid)]);
  for (const thread of threads) {
    try {
      setPriority(Number(thread), priority);
    } catch {
      // it has ended meanwhile, or we may not: it is only a courtesy
    }
  }
}
