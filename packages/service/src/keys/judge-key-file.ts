import { basename } from 'node:path';
import type { KeyFileText, KeyFileVerdict } from '@kiroku/core';
import { type KeyFile, parseKeyFile, unwrappedKey } from './key-file.ts';
import { type MasterKey, masterOfText } from './master-key.ts';

/** What a file of the store is worth to whoever has these master keys. */
export function judgeKeyFile({ path, text }: KeyFileText, masters: readonly MasterKey[]): KeyFileVerdict {
  if (path.endsWith('.key')) return masterOfText(path, text) === undefined ? 'damaged' : 'master';
  const parsed = parsedOf(text);
  if (parsed === undefined) return 'damaged';
  if (parsed.state === 'forgotten') return Number.isNaN(Date.parse(parsed.at)) ? 'damaged' : 'forgotten';
  const name = basename(path).replace(/(-[0-9a-f]{16})?\.json$/, '');
  const opens = masters.filter((master) => isOpenedBy(master, parsed.wrapped, name));
  if (opens.some(({ id }) => id === parsed.master)) return 'key';
  return opens.length > 0 || masters.some(({ id }) => id === parsed.master) ? 'damaged' : 'foreign';
}

function parsedOf(text: string): KeyFile | undefined {
  try {
    return parseKeyFile(text);
  } catch {
    return undefined;
  }
}

function isOpenedBy(master: MasterKey, wrapped: string, name: string): boolean {
  try {
    return unwrappedKey(wrapped, name, master).length === 32;
  } catch {
    return false;
  }
}
