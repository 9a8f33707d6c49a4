import { chmod, link, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { unpackTar } from '@kiroku/postgres';
import { isForgotten } from './forgotten-key.ts';
import { type KeySource, readAtOnce } from './kept-keys.ts';
import { isKeyFile } from './pack-keys.ts';

type Readable = Pick<KeySource, 'read'>;

const leftover = 'restoring-';

/**
 * Adds those keys that the store has not. What is there stays: above all that a subject was forgotten; and who was forgotten in any of the sources is
 * so in all of them. Returns how many were added. Throws `BackupDamaged`.
 */
export async function addMissingKeys(sources: readonly Readable[], directory: string): Promise<number> {
  if (sources.length === 0) return 0;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await removeLeftovers(directory);
  const beside = await mkdtemp(join(directory, leftover));
  try {
    await chmod(beside, 0o700);
    const files = await mergeKeys(sources, beside);
    const added = await Promise.all([...files].map(([path, from]) => addIfMissing(from, join(directory, path))));
    return added.filter((isAdded) => isAdded).length;
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
}

/** Of a restore that was killed: there may be keys in it that were forgotten since. */
async function removeLeftovers(directory: string): Promise<void> {
  const left = (await readdir(directory)).filter((name) => name.startsWith(leftover));
  for (const name of left) await rm(join(directory, name), { recursive: true, force: true });
}

/** Unpacks all of them. Answers where the file of each path is. */
async function mergeKeys(sources: readonly Readable[], directory: string): Promise<ReadonlyMap<string, string>> {
  const merged = new Map<string, string>();
  for (let first = 0; first < sources.length; first += readAtOnce) {
    const unpacked = await Promise.all(
      sources.slice(first, first + readAtOnce).map(async (source, index) => {
        const place = join(directory, String(first + index));
        return { place, files: (await unpackTar(source.read(), { directory: place })).filter(isKeyFile) };
      }),
    );
    for (const { place, files } of unpacked) {
      for (const path of files) await take(path, { place, into: join(directory, 'merged'), merged });
      await rm(place, { recursive: true });
    }
  }
  return merged;
}

interface Taking {
  readonly place: string;
  readonly into: string;
  readonly merged: Map<string, string>;
}

/** The later one is the one that is known of; but nobody is remembered again. */
async function take(path: string, { place, into, merged }: Taking): Promise<void> {
  const there = merged.get(path);
  if (there !== undefined && (await isForgotten(there))) return;
  const to = join(into, path);
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  await rename(join(place, path), to);
  merged.set(path, to);
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
