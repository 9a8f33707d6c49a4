import { chown, link, mkdir, mkdtemp, readdir, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { JudgesKeyFiles } from '@kiroku/core';
import { eachAtOnce } from './at-once.ts';
import { type Becoming, becomesOfSubject } from './becomes-of-subject.ts';
import { damagedKeys } from './damaged-keys.ts';
import { ifCode } from './if-code.ts';
import type { KeySource } from './kept-keys.ts';
import { readKeyContent as contentOf, forgottenText, otherPath, remainsOf, subjectPath } from './key-content.ts';
import { mastersIn, mergeKeys } from './merge-keys.ts';
import { isKeyFile } from './pack-keys.ts';
import { readingKeys } from './reading-keys.ts';

/** Files of a key store, as paths within it. */
export interface KeysPutBack {
  /** Were not there. */
  readonly added: readonly string[];
  /** Came beside another key, which was made in the place of a lost one. */
  readonly beside: readonly string[];
  /** Took the place of what was damaged. */
  readonly replaced: readonly string[];
  /** Of these: nothing was left of the damaged file that tells a key from the word that somebody was forgotten. */
  readonly unclear: readonly string[];
  /** Stay damaged: there is no whole one. */
  readonly damaged: readonly string[];
  /** Stay as they are, though a source says that their subjects were forgotten. */
  readonly remembered: readonly string[];
}

export interface PutBackOptions {
  /** Of the store. Made if it is not there. */
  readonly directory: string;
  /** Tells what is damaged. */
  readonly judges: JudgesKeyFiles;
  /** Only says what would be put back. Default false. */
  readonly dryRun?: boolean;
  /** Where keys of subjects begin of which it is told, in a dry run, what would become of them. Default: none. */
  readonly asked?: readonly string[];
}

/** What would become of the subjects that were asked for; not of those whose keys stay lost. */
interface Foreseen {
  readonly becoming?: ReadonlyMap<string, Becoming>;
}

type Outcome = 'added' | 'beside' | 'replaced' | 'unclear' | 'damaged' | 'remembered' | undefined;

const leftover = 'restoring-';

/**
 * Puts back those keys that the store has not, or only damaged: beside another key of the same subject if there is one. What is whole stays, above all
 * that a subject was forgotten; and who was forgotten in any of the sources is so in all of them. Throws `BackupDamaged`, `KeyStoreUnavailable`.
 */
export async function putKeysBack(sources: readonly Pick<KeySource, 'read'>[], options: PutBackOptions): Promise<KeysPutBack & Foreseen> {
  if (sources.length === 0) return sorted([]);
  return readingKeys(options.directory, () => putAllBack(sources, options), 'not all that is missing is put back');
}

async function putAllBack(
  sources: readonly Pick<KeySource, 'read'>[],
  { directory, judges, dryRun = false, asked = [] }: PutBackOptions,
): Promise<KeysPutBack & Foreseen> {
  const made = await mkdir(directory, { recursive: true, mode: 0o700 });
  await removeLeftovers(directory);
  const beside = await mkdtemp(join(directory, leftover)); // which nobody else may enter
  try {
    const own = await mastersIn(new Map((await readdir(directory)).filter(isKeyFile).map((path) => [path, join(directory, path)])));
    const files = await mergeKeys(sources, { directory: beside, judges, masters: own });
    const masters = [...own, ...(await mastersIn(files))];
    const owner = process.getuid?.() === 0 ? await stat(directory) : undefined;
    const putting = { directory, judges, masters, aside: beside, dryRun, owner };
    const known = await eachAtOnce([...files], (file) => putBack(file, putting));
    const { damaged } = await damagedKeys(directory, { judges, masters, except: new Set(files.keys()) });
    const back = sorted([...known, ...(await eachAtOnce(damaged, (path) => settle(path, putting)))]);
    if (!dryRun || asked.length === 0) return back;
    const put = new Set([...back.added, ...back.beside, ...back.replaced]);
    const foreseen = { directory, judges, masters, put, kept: files };
    const becoming = await eachAtOnce(asked, async (path) => [path, await becomesOfSubject(path, foreseen)] as const);
    return { ...back, becoming: new Map(becoming.filter((each): each is [string, Becoming] => each[1] !== undefined)) };
  } finally {
    await rm(beside, { recursive: true, force: true });
    if (dryRun && made !== undefined) await rmdir(directory).catch(() => undefined);
  }
}

function sorted(outcomes: readonly (readonly [string, Outcome])[]): KeysPutBack {
  const of = (...wanted: readonly Outcome[]) => outcomes.flatMap(([path, outcome]) => (wanted.includes(outcome) ? [path] : [])).sort();
  return {
    added: of('added'),
    beside: of('beside'),
    replaced: of('replaced', 'unclear'),
    unclear: of('unclear'),
    damaged: of('damaged'),
    remembered: of('remembered'),
  };
}

/** Of a restore that was killed: there may be keys in it that were forgotten since. */
async function removeLeftovers(directory: string): Promise<void> {
  const left = (await readdir(directory)).filter((name) => name.startsWith(leftover));
  for (const name of left) await rm(join(directory, name), { recursive: true, force: true });
}

interface Putting extends Required<Omit<PutBackOptions, 'asked'>> {
  readonly masters: readonly string[];
  /** Where what is damaged is moved to, to be removed. */
  readonly aside: string;
  /** Whom the store is of: services run as that. `undefined`: as this process does. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
}

async function putBack([path, from]: readonly [string, string], putting: Putting): Promise<readonly [string, Outcome]> {
  const outcome = await place(path, from, putting);
  if (outcome !== undefined) return [path, outcome];
  const [wanted, there] = [await contentOf(from), await contentOf(join(putting.directory, path))];
  if (wanted?.state === 'forgotten' && there?.state === 'key') return [path, 'remembered'];
  const isOther = wanted !== undefined && there?.state === wanted.state && wanted.state !== 'forgotten' && wanted.text !== there?.text;
  if (!isOther) return [path, undefined];
  const other = otherPath(path, wanted);
  const placed = await place(other, from, putting);
  return [other, placed === 'added' ? 'beside' : placed];
}

/** What no source has: only the word that somebody was forgotten can be told again. */
async function settle(path: string, putting: Putting): Promise<readonly [string, Outcome]> {
  const text = (await contentOf(join(putting.directory, path)))?.text ?? '';
  const wasForgotten = path.endsWith('.json') && subjectPath(path) === undefined && remainsOf(text) === 'forgotten';
  return [path, wasForgotten ? await place(path, '', putting) : 'damaged'];
}

/** Nothing is placed where something whole is. */
async function place(path: string, from: string, putting: Putting): Promise<Outcome> {
  const { directory, judges, masters, dryRun } = putting;
  const to = join(directory, path);
  const subject = subjectPath(path);
  if (subject !== undefined && (await contentOf(join(directory, subject)))?.state === 'forgotten') return undefined;
  const there = await contentOf(to);
  const isDamaged = there !== undefined && judges.judge({ path, text: there.text }, masters) === 'damaged';
  if (there !== undefined && !isDamaged) return undefined;
  const remains = path.endsWith('.key') ? 'key' : there && remainsOf(there.text);
  const outcome = there === undefined ? 'added' : remains === undefined ? 'unclear' : 'replaced';
  if (dryRun) return outcome;
  if (remains === 'forgotten') await tellForgotten(to, putting);
  else {
    if (there !== undefined && !(await movedAside(to, there.text, putting))) return undefined;
    const made = await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    if (made !== undefined) await give(made, putting);
    await give(from, putting);
    if (!(await linked(from, to))) return undefined;
  }
  return (await isWanted(path, directory)) ? outcome : undefined;
}

/** In one step: were what is left removed before, and this killed, the next would put the key back. */
async function tellForgotten(file: string, putting: Putting): Promise<void> {
  const told = join(await mkdtemp(join(putting.aside, 'forgotten-')), 'file');
  await writeFile(told, forgottenText(new Date()), { mode: 0o600, flush: true });
  await give(told, putting);
  await rename(told, file);
}

/** Whoever forgets the subject meanwhile writes that in the same place: that is put back. */
async function movedAside(file: string, damaged: string, { aside }: Putting): Promise<boolean> {
  const moved = join(await mkdtemp(join(aside, 'damaged-')), 'file');
  const isMoved = await rename(file, moved).then(() => true, ifCode('ENOENT', false));
  if (!isMoved) return false;
  if ((await contentOf(moved))?.text === damaged) return true;
  await rename(moved, file);
  return false;
}

/** Looked at once it is there: whoever forgets the subject meanwhile removes it as well. */
async function isWanted(path: string, directory: string): Promise<boolean> {
  const subject = subjectPath(path);
  if (subject === undefined || (await contentOf(join(directory, subject)))?.state !== 'forgotten') return true;
  await rm(join(directory, path), { force: true });
  return false;
}

async function give(path: string, { owner }: Putting): Promise<void> {
  if (owner !== undefined) await chown(path, owner.uid, owner.gid);
}

/** Refuses what is there. */
async function linked(from: string, to: string): Promise<boolean> {
  return link(from, to).then(() => true, ifCode('EEXIST', false));
}
