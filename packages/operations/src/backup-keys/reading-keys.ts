import { KirokuError } from '@kiroku/core';

/**
 * Reads a store of keys, or changes it. Throws `KeyStoreUnavailable` for what the file system says, with what comes of it, and else what the work throws.
 */
export async function readingKeys<T>(
  directory: string,
  work: () => Promise<T>,
  so = 'neither they nor what needs them is kept',
): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof KirokuError || !(cause instanceof Error && 'code' in cause)) throw cause;
    throw new KirokuError(
      'KeyStoreUnavailable',
      `The keys in ${directory} cannot be used (${String(cause.code)}), so ${so}. Look at its permissions and its disk.`,
      { cause },
    );
  }
}
