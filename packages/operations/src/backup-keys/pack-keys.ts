import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { tarOf } from '@kiroku/postgres';
import { ifCode } from './if-code.ts';
import { readingKeys } from './reading-keys.ts';

/** What belongs to a store of keys: the key of a subject, or that it was forgotten, another key of the subject, and the key that those are wrapped with. */
export function isKeyFile(path: string): boolean {
  return /^master(-[0-9a-f]{16})?\.key$/.test(path) || /^[0-9a-f]{2}\/[0-9a-f]{64}(-[0-9a-f]{16})?\.json$/.test(path);
}

/** The keys of personal data, as they are: wrapped. An empty tar if there are none. Default: all. Read, it throws `KeyStoreUnavailable`. */
export function packKeys(directory: string, paths?: readonly string[]): AsyncIterable<Uint8Array> {
  return tarOf((tar) =>
    readingKeys(directory, async () => {
      const files = paths ?? (await allIn(directory));
      for (const path of files.filter(isKeyFile).sort()) await tar.file(path, join(directory, path));
    }),
  );
}

async function allIn(directory: string): Promise<readonly string[]> {
  return await readdir(directory, { recursive: true }).catch(ifCode('ENOENT', [])); // made with the first key
}
