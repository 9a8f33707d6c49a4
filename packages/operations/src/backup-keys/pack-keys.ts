import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { tarOf } from '@kiroku/postgres';

/** What belongs to a store of keys: the key of a subject, or that it was forgotten, and the key that those are wrapped with. */
export function isKeyFile(path: string): boolean {
  return path === 'master.key' || /^[0-9a-f]{2}\/[0-9a-f]{64}\.json$/.test(path);
}

/** The keys of personal data, as they are: wrapped. An empty tar if there are none. Default: all. */
export function packKeys(directory: string, paths?: readonly string[]): AsyncIterable<Uint8Array> {
  return tarOf(async (tar) => {
    const files = paths ?? (await readdir(directory, { recursive: true }).catch(() => [])); // made with the first key
    for (const path of files.filter(isKeyFile).sort()) await tar.file(path, join(directory, path));
  });
}
