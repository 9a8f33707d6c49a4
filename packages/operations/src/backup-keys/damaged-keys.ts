import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { JudgesKeyFiles } from '@kiroku/core';
import { eachAtOnce } from './at-once.ts';
import { ifCode } from './if-code.ts';
import { readKeyContent } from './key-content.ts';
import { isKeyFile } from './pack-keys.ts';
import { readingKeys } from './reading-keys.ts';

export interface DamagedKeysOptions {
  readonly judges: JudgesKeyFiles;
  /** Texts of master keys beside those of the store. Default: none. */
  readonly masters?: readonly string[];
  /** Paths that are not looked at. Default: none. */
  readonly except?: ReadonlySet<string>;
  /** Files that are looked at: names are digests, so it is a sample. Default: all. */
  readonly most?: number;
}

/** Which files of a key store are damaged, by their paths, of how many. Throws `KeyStoreUnavailable`. */
export function damagedKeys(
  directory: string,
  { judges, masters = [], except = new Set(), most = Number.POSITIVE_INFINITY }: DamagedKeysOptions,
): Promise<{ readonly damaged: readonly string[]; readonly files: number }> {
  return readingKeys(
    directory,
    async () => {
      const paths: string[] = [];
      const own: string[] = [];
      for (const name of (await namesIn(directory)).toSorted().reverse()) {
        if (paths.length >= most) break;
        const inside = /^[0-9a-f]{2}$/.test(name) ? (await namesIn(join(directory, name))).map((file) => `${name}/${file}`) : [name];
        paths.push(...inside.filter((path) => isKeyFile(path) && !except.has(path)));
        if (isKeyFile(name)) own.push((await readKeyContent(join(directory, name)))?.text ?? '');
      }
      const isDamaged = async (path: string) => {
        const content = await readKeyContent(join(directory, path));
        return content !== undefined && judges.judge({ path, text: content.text }, [...own, ...masters]) === 'damaged';
      };
      const looked = await eachAtOnce(paths, isDamaged);
      return { damaged: paths.filter((_, index) => looked[index]), files: paths.length };
    },
    'it is not known which of them are damaged',
  );
}

async function namesIn(directory: string): Promise<readonly string[]> {
  return readdir(directory).catch(ifCode('ENOENT', [])); // made with the first key
}
