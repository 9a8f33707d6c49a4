import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { JudgesKeyFiles } from '@kiroku/core';
import { ifCode } from './if-code.ts';

/** What a file of a key store says, as far as that is told without opening it. Neither: it is damaged. */
export type KeyState = 'key' | 'forgotten' | 'master' | undefined;

export interface KeyContent {
  readonly state: KeyState;
  readonly text: string;
}

/** `undefined` if there is no such file. */
export async function readKeyContent(file: string | undefined): Promise<KeyContent | undefined> {
  if (file === undefined) return undefined;
  const text = await readFile(file, 'utf8').catch(ifCode('ENOENT', undefined));
  return text === undefined ? undefined : { text, state: stateIn(text) };
}

/** For stores that cannot tell more: what is turned within a key is not seen. */
export const judgesStates: JudgesKeyFiles = { judge: ({ text }) => stateIn(text) ?? 'damaged' };

/** Stores of other kinds have no files that could be damaged. */
export function judgesOf(store: Partial<JudgesKeyFiles>): JudgesKeyFiles {
  return { judge: (file, masters) => (store.judge === undefined ? judgesStates.judge(file, masters) : store.judge(file, masters)) };
}

function stateIn(text: string): KeyState {
  if (/^[A-Za-z0-9+/]{43}=$/.test(text.trim())) return 'master';
  try {
    const content: unknown = JSON.parse(text);
    if (typeof content !== 'object' || content === null || !('state' in content)) return undefined;
    return content.state === 'key' || content.state === 'forgotten' ? content.state : undefined;
  } catch {
    return undefined;
  }
}

const beginnings = { key: '{"version":1,"state":"key","master":"', forgotten: '{"version":1,"state":"forgotten","at":"' };

/** What a damaged file was, by what is left of it; `undefined` if that is not enough. */
export function remainsOf(text: string): 'key' | 'forgotten' | undefined {
  const alike = (beginning: string) => Array.from(beginning).filter((character, index) => text[index] === character).length;
  const difference = alike(beginnings.forgotten) - alike(beginnings.key);
  return difference === 0 ? undefined : difference > 0 ? 'forgotten' : 'key';
}

/** What stands in the file of somebody who was forgotten. */
export function forgottenText(at: Date): string {
  return `${JSON.stringify({ version: 1, state: 'forgotten', at: at.toISOString() })}\n`;
}

/** Where a key goes if another one is in its file: it was lost, and that one made in its place. `FileKeyStore` finds it there. */
export function otherPath(path: string, { text }: Pick<KeyContent, 'text'>): string {
  return path.replace(/\.(json|key)$/, `-${createHash('sha256').update(text).digest('hex').slice(0, 16)}.$1`);
}

/** The file that says whether the subject of such a key was forgotten; `undefined` if the key is in its own file. */
export function subjectPath(path: string): string | undefined {
  const own = path.replace(/-[0-9a-f]{16}\.json$/, '.json');
  return own === path ? undefined : own;
}

/** Where the keys of a subject begin. */
export function pathOfSubject(subject: string): string {
  const name = createHash('sha256').update(subject).digest('hex');
  return `${name.slice(0, 2)}/${name}.json`;
}
