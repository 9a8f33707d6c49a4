import { chmod, link, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { unpackTar } from '@kiroku/postgres';
import { type KeySource, readAtOnce } from './kept-keys.ts';
import { readKeyContent as contentOf, otherPath, subjectPath } from './key-content.ts';
import { isKeyFile } from './pack-keys.ts';

type Readable = Pick<KeySource, 'read'>;

const leftover = 'restoring-';
/** Each may be two files to read. */
const addedAtOnce = 64;

/**
 * Adds those keys that the store has not, beside another key of the same subject if there is one. What is there stays: above all that a subject was
 * forgotten; and who was forgotten in any of the sources is so in all of them. Returns how many were added. Throws `BackupDamaged`.
 */
export async function addMissingKeys(sources: readonly Readable[], directory: string): Promise<number> {
  if (sources.length === 0) return 0;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await removeLeftovers(directory);
  const beside = await mkdtemp(join(directory, leftover));
  try {
    await chmod(beside, 0o700);
    const files = await mergeKeys(sources, beside);
    return await addAll(files, directory);
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
}

async function addAll(files: ReadonlyMap<string, string>, directory: string): Promise<number> {
  const [all, added] = [[...files], []] as [[string, string][], boolean[]];
  for (let first = 0; first < all.length; first += addedAtOnce) {
    const some = all.slice(first, first + addedAtOnce);
    added.push(...(await Promise.all(some.map(([path, from]) => add(path, from, directory)))));
  }
  return added.filter((isAdded) => isAdded).length;
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
  await leaveOutForgotten(merged);
  return merged;
}

/** Other keys of whom was forgotten: one source has them, another the word of that. */
async function leaveOutForgotten(merged: Map<string, string>): Promise<void> {
  for (const path of merged.keys()) {
    const subject = subjectPath(path);
    if (subject !== undefined && (await contentOf(merged.get(subject)))?.state === 'forgotten') merged.delete(path);
  }
}

interface Taking {
  readonly place: string;
  readonly into: string;
  readonly merged: Map<string, string>;
}

/** The later one is the one that is known of, and has the other beside it; but nobody is remembered again. */
async function take(path: string, { place, into, merged }: Taking): Promise<void> {
  const from = join(place, path);
  const there = await contentOf(merged.get(path));
  if (there?.state === 'forgotten') return;
  if (there?.state === 'key') {
    const later = await contentOf(from);
    if (later?.state === 'key' && later.text !== there.text) await put(join(into, path), { path: otherPath(path, there), into, merged });
  }
  await put(from, { path, into, merged });
}

async function put(from: string, { path, into, merged }: Omit<Taking, 'place'> & { readonly path: string }): Promise<void> {
  const to = join(into, path);
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  await rename(from, to);
  merged.set(path, to);
}

/** Answers whether the key was added. */
async function add(path: string, from: string, directory: string): Promise<boolean> {
  const to = join(directory, path);
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  if (await linked(from, to)) return isWanted(path, directory);
  const [wanted, there] = [await contentOf(from), await contentOf(to)];
  if (wanted?.state !== 'key' || there?.state !== 'key' || wanted.text === there.text) return false;
  const other = otherPath(path, wanted);
  return (await linked(from, join(directory, other))) && isWanted(other, directory);
}

/** Looked at once it is there: whoever forgets the subject meanwhile removes it as well. */
async function isWanted(path: string, directory: string): Promise<boolean> {
  const subject = subjectPath(path);
  if (subject === undefined || (await contentOf(join(directory, subject)))?.state !== 'forgotten') return true;
  await rm(join(directory, path), { force: true });
  return false;
}

/** Refuses what is there. */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}
