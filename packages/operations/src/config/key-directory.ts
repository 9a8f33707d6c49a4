import { join, resolve } from 'node:path';
import type { Installation } from './installation.ts';

/** Where the keys of an installation's personal data are: KIROKU_KEY_DIR, from its root, or in its data directory. */
export function keyDirectory({ root, dataDirectory, environment }: Pick<Installation, 'root' | 'dataDirectory' | 'environment'>): string {
  return resolve(root, environment.KIROKU_KEY_DIR?.trim() || join(dataDirectory, 'keys'));
}
