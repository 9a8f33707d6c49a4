import type { Installation } from '@kiroku/operations';
import { keySettings, readConfig } from '@kiroku/service/config';
import { FileKeyStore, keyStoreOptions } from '@kiroku/service/keys';

/** The keys of an installation's personal data. */
export function keysOf({ root, environment }: Pick<Installation, 'root' | 'environment'>): FileKeyStore {
  return new FileKeyStore(keyStoreOptions(readConfig(keySettings, environment), root));
}

/** Opens the same in another place. */
export function keysIn({ root, environment }: Pick<Installation, 'root' | 'environment'>): (directory: string) => FileKeyStore {
  return (directory) => new FileKeyStore({ ...keyStoreOptions(readConfig(keySettings, environment), root), directory });
}
