import { KirokuError } from '@kiroku/core';

/** Reads a store of keys. Throws `KeyStoreUnavailable` for what the file system says, and else what the work throws. */
export async function readingKeys<T>(directory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof KirokuError || !(cause instanceof Error && 'code' in cause)) throw cause;
    throw new KirokuError(
      'KeyStoreUnavailable',
      `The keys in ${directory} cannot be read (${String(cause.code)}), so neither they nor what needs them is kept. Look at its permissions and its disk.`,
      { cause },
    );
  }
}
