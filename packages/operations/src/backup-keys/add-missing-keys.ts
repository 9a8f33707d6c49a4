import { chmod, link, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { unpackTar } from '@kiroku/postgres';
import { isKeyFile } from './pack-keys.ts';

/**
 * Adds those keys of a backup that the store has not. What is there stays: above all that a subject was forgotten. Returns how many were added.
 * Throws `BackupDamaged`.
 */
export async function addMissingKeys(tar: AsyncIterable<Uint8Array>, directory: string): Promise<number> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const beside = await mkdtemp(join(directory, 'restoring-'));
  try {
    await chmod(beside, 0o700);
    const files = (await unpackTar(tar, { directory: beside })).filter(isKeyFile);
    const added = await Promise.all(files.map((path) => addIfMissing(join(beside, path), join(directory, path))));
    return added.filter((isAdded) => isAdded).length;
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
}

async function addIfMissing(from: string, to: string): Promise<boolean> {
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  try {
    await link(from, to); // refuses what is there
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}
