import { join } from 'node:path';
import type { JudgesKeyFiles } from '@kiroku/core';
import { readKeyContent as contentOf, remainsOf, subjectPath } from './key-content.ts';

/** What files that would be put back make of a subject whose key is lost. */
export type Becoming = 'key' | 'forgotten';

export interface PuttingBack {
  /** Of the store. */
  readonly directory: string;
  readonly judges: JudgesKeyFiles;
  /** Texts of the master keys, of the store and kept. */
  readonly masters: readonly string[];
  /** Paths that would be written. */
  readonly put: ReadonlySet<string>;
  /** Where what is kept of each path is. */
  readonly kept: ReadonlyMap<string, string>;
}

/** `undefined`: its key stays lost. A master key that comes back opens what is there already. */
export async function becomesOfSubject(
  path: string,
  { directory, judges, masters, put, kept }: PuttingBack,
): Promise<Becoming | undefined> {
  const opens = (text: string) => judges.judge({ path, text }, masters) === 'key';
  const there = await contentOf(join(directory, path));
  if (there !== undefined && remainsOf(there.text) === 'forgotten') return 'forgotten';
  if (there !== undefined && [...put].some((each) => each.endsWith('.key')) && opens(there.text)) return 'key';
  const isOf = (other: string) => other === path || subjectPath(other) === path;
  if (![...put].some(isOf)) return undefined;
  const coming = await Promise.all([...kept].filter(([other]) => isOf(other)).map(([, file]) => contentOf(file)));
  if (coming.some((content) => content?.state === 'forgotten')) return 'forgotten';
  return coming.some((content) => content !== undefined && opens(content.text)) ? 'key' : undefined;
}
