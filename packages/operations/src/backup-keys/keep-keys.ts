import type { BackupRepository } from '@kiroku/backup';
import { KirokuError } from '@kiroku/core';
import type { Installation } from '../config/installation.ts';
import { keyDirectory } from '../config/key-directory.ts';
import { KeyKeeper } from './key-keeper.ts';

/**
 * Keeps the keys of personal data that have come, or were forgotten, since they were kept last; those of the ten minutes before once more, for clocks
 * that differ. With the embedded PostgreSQL `kiroku up` does it by itself. Returns how many it kept. Throws `ConfigurationInvalid` without BACKUP_KEY,
 * `KeyStoreUnavailable`, `BackupStoreUnavailable`.
 */
export async function keepKeys(
  installation: Pick<Installation, 'root' | 'dataDirectory' | 'environment'>,
  repository: BackupRepository,
): Promise<number> {
  if (!repository.encrypted) {
    throw new KirokuError(
      'ConfigurationInvalid',
      `Keys of personal data are kept encrypted only, and what is in ${repository.place} is not. Take a new BACKUP_URL with a BACKUP_KEY, or back KIROKU_KEY_DIR up apart.`,
    );
  }
  return new KeyKeeper(keyDirectory(installation)).keep(repository);
}
