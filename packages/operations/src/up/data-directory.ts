import { access, constants, mkdir } from 'node:fs/promises';
import { KirokuError } from '@kiroku/core';

/** Creates the data directory and sees that it can be written. Throws `ConfigurationInvalid`. */
export async function prepareDataDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
    await access(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new KirokuError(
      'ConfigurationInvalid',
      `The data directory ${directory} cannot be written (${code}), so nothing can be stored. Change its owner or permissions, or set KIROKU_DATA_DIR to another directory.`,
      { cause },
    );
  }
}
