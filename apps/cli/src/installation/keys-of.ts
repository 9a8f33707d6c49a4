import type { Installation } from '@kiroku/operations';
import { embeddedSettings, keySettings, readConfig } from '@kiroku/service/config';
import { FileKeyStore, keyStoreOptions } from '@kiroku/service/keys';

const settings = keySettings.extend(embeddedSettings.pick({ KIROKU_DATA_DIR: true }).shape);

/** The keys of an installation's personal data. */
export function keysOf({ root, environment }: Pick<Installation, 'root' | 'environment'>): FileKeyStore {
  return new FileKeyStore(keyStoreOptions(readConfig(settings, environment), root));
}

/** Opens the same in another place. */
export function keysIn({ root, environment }: Pick<Installation, 'root' | 'environment'>): (directory: string) => FileKeyStore {
  return (directory) => new FileKeyStore({ ...keyStoreOptions(readConfig(settings, environment), root), directory });
}
