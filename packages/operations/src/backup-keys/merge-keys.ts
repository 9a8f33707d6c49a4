import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { JudgesKeyFiles } from '@kiroku/core';
import { unpackTar } from '@kiroku/postgres';
import { eachAtOnce } from './at-once.ts';
import { type KeySource, readAtOnce } from './kept-keys.ts';
import { readKeyContent as contentOf, forgottenText, otherPath, remainsOf, subjectPath } from './key-content.ts';
import { isKeyFile } from './pack-keys.ts';

/**
 * Unpacks all sources, in the order of their time. Answers where the file of each path is: whole ones alone. Who was forgotten in any of them is so in
 * all of them. Throws `BackupDamaged`.
 */
export async function mergeKeys(
  sources: readonly Pick<KeySource, 'read'>[],
  { directory, judges, masters }: { readonly directory: string; readonly judges: JudgesKeyFiles; readonly masters: readonly string[] },
): Promise<ReadonlyMap<string, string>> {
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
  await leaveOutDamaged(merged, { judges, masters });
  await leaveOutForgotten(merged);
  return merged;
}

/** Texts of the master keys among files. */
export async function mastersIn(files: ReadonlyMap<string, string>): Promise<readonly string[]> {
  const paths = [...files].filter(([path]) => path.endsWith('.key'));
  return (await Promise.all(paths.map(([, file]) => contentOf(file)))).flatMap((content) => content?.text ?? []);
}

/** What was damaged when it was kept. Another key of the same subject takes its place. */
async function leaveOutDamaged(
  merged: Map<string, string>,
  { judges, masters }: { readonly judges: JudgesKeyFiles; readonly masters: readonly string[] },
): Promise<void> {
  const all = [...(await mastersIn(merged)), ...masters];
  const isWhole = async ([path, file]: readonly [string, string]) =>
    judges.judge({ path, text: (await contentOf(file))?.text ?? '' }, all) !== 'damaged';
  const paths = [...merged.keys()];
  const whole = await eachAtOnce([...merged], isWhole);
  const gone = new Set(paths.filter((_, index) => !whole[index]));
  for (const path of gone) merged.delete(path);
  const others = [...merged].filter(([other]) => subjectPath(other) !== undefined);
  for (const [other, file] of others) {
    const path = subjectPath(other);
    if (path === undefined || !gone.delete(path)) continue;
    merged.set(path, file);
    merged.delete(other);
  }
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

/** The later one is the one that is known of, and has the other beside it; but nobody is remembered again, and nothing damaged displaces what is whole. */
async function take(path: string, { place, into, merged }: Taking): Promise<void> {
  const from = join(place, path);
  const there = await contentOf(merged.get(path));
  if (there?.state === 'forgotten') return;
  const later = await contentOf(from);
  if (later?.state === undefined && path.endsWith('.json') && remainsOf(later?.text ?? '') === 'forgotten') {
    await writeFile(from, forgottenText(new Date()));
  } else if (there?.state !== undefined) {
    if (later?.state === undefined) return;
    const isOther = later.state === there.state && later.text !== there.text;
    if (isOther) await put(join(into, path), { path: otherPath(path, there), into, merged });
  }
  await put(from, { path, into, merged });
}

async function put(from: string, { path, into, merged }: Omit<Taking, 'place'> & { readonly path: string }): Promise<void> {
  const to = join(into, path);
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  await rename(from, to);
  merged.set(path, to);
}
