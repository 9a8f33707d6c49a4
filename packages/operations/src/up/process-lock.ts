import { createHash, randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { KirokuError } from '@kiroku/core';
import { isAlive, processStart } from '@kiroku/postgres';

interface Holder {
  readonly pid: number;
  /** Tells the process from a later one with the same number. */
  readonly start: string;
}

interface FoundLock {
  /** `undefined`: it cannot be read, as after a crash that cut it off. */
  readonly holder: Holder | undefined;
  /** Of its content, which no other has. */
  readonly id: string;
}

const attempts = 200;
const pauseMs = 10;

/**
 * Takes a lock that ends with the process, however that ends; returns how to give it back. Throws what `taken` makes of the number of a process that
 * has it. What a process that is gone has left is replaced, by one process alone, whoever finds it at the same moment: the right to replace it is a
 * lock of its own, named for what is replaced, so that who comes late replaces nothing that is new.
 */
export async function takeLock(file: string, taken: (pid: number) => KirokuError): Promise<() => Promise<void>> {
  const ours = `${file}.${randomUUID()}`;
  try {
    await writeFile(ours, JSON.stringify({ pid: process.pid, start: await processStart(process.pid), id: randomUUID() }));
    for (let attempt = 0; attempt < attempts; attempt++) {
      if (await placed(ours, file)) return () => rm(file, { force: true });
      const found = await readLock(file);
      if (found === undefined) continue; // just given back
      if (found.holder !== undefined && (await isRunning(found.holder))) throw taken(found.holder.pid);
      if (await replaced(ours, { file, found })) return () => rm(file, { force: true });
      await sleep(pauseMs); // another replaces it
    }
  } finally {
    await rm(ours, { force: true });
  }
  throw new KirokuError('ConfigurationInvalid', `${file} cannot be taken. Remove it if no kiroku is running here, and start again.`);
}

/** The number of the process that has a lock; `undefined`: nobody has it. */
export async function lockHolder(file: string): Promise<number | undefined> {
  const holder = (await readLock(file))?.holder;
  return holder !== undefined && (await isRunning(holder)) ? holder.pid : undefined;
}

/** Whole or not at all, and only if there is none. */
async function placed(ours: string, file: string): Promise<boolean> {
  try {
    await link(ours, file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

async function replaced(ours: string, { file, found }: { readonly file: string; readonly found: FoundLock }): Promise<boolean> {
  const inTheWay = new KirokuError('Conflict', `${file} is being replaced.`);
  const unlock = await takeLock(`${file}.${found.id}`, () => inTheWay).catch((error: unknown) => {
    if (error === inTheWay) return undefined;
    throw error;
  });
  if (unlock === undefined) return false;
  try {
    if ((await readLock(file))?.id !== found.id) return false; // somebody was quicker
    await rename(ours, file);
    return true;
  } finally {
    await unlock();
  }
}

async function readLock(file: string): Promise<FoundLock | undefined> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  return { holder: parseHolder(text), id: createHash('sha256').update(text).digest('hex').slice(0, 16) };
}

function parseHolder(text: string): Holder | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function isRunning({ pid, start }: Holder): Promise<boolean> {
  if (!isAlive(pid) || (await processStart(pid)) !== start) return false;
  return pid !== process.pid || start !== ''; // where no start is told, ours may be the number of one that is gone
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
