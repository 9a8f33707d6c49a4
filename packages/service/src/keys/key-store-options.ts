import { join, resolve } from 'node:path';
import type { z } from 'zod';
import type { keySettings } from '../config/shared-settings.ts';
import type { FileKeyStoreOptions } from './file-key-store.ts';

/** Where the keys are, as the environment says. Relative paths count from `root`: the working directory, by default. */
export function keyStoreOptions(given: z.output<typeof keySettings>, root = process.cwd()): FileKeyStoreOptions {
  const { KIROKU_KEY_DIR, KIROKU_DATA_DIR, SECRET_KEY_BASE } = given;
  const directory = resolve(root, KIROKU_KEY_DIR ?? join(KIROKU_DATA_DIR, 'keys'));
  return { directory, ...(SECRET_KEY_BASE !== undefined && { secret: SECRET_KEY_BASE }) };
}
