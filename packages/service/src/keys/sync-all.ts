import { fsync } from 'node:fs';
import { promisify } from 'node:util';

const syncApart = promisify(fsync);

/** In threads of Node's, of which there are four for all of the process. */
const mostAtOnce = 3;
const waiting: (() => void)[] = [];
let atOnce = 0;

/**
 * Makes durable what is opened, at the same time: the file system commits it together, where one after the other it would be a commit each, and on a busy
 * machine some waits for a processor each. Answers the faults, by index.
 */
export async function syncAll(opened: readonly number[]): Promise<ReadonlyMap<number, unknown>> {
  const faults = new Map<number, unknown>();
  await Promise.all(opened.map((each, index) => sync(each).catch((fault: unknown) => void faults.set(index, fault))));
  return faults;
}

async function sync(opened: number): Promise<void> {
  if (atOnce === mostAtOnce) await new Promise<void>((resolve) => waiting.push(resolve));
  else atOnce++;
  try {
    await syncApart(opened);
  } finally {
    const next = waiting.shift();
    if (next === undefined) atOnce--;
    else next(); // in its place
  }
}
