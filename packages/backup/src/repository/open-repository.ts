import type { BackupRepository } from '../ports/backup-repository.ts';
import type { RepositorySettings } from '../repository-settings.ts';
import { openStore } from '../stores/open-store.ts';
import { ObjectBackupRepository } from './object-backup-repository.ts';
import { RepositoryLock } from './repository-lock.ts';

/**
 * The repository that the settings name. Nothing is made there before something is kept. Throws `BackupStoreUnavailable`, `BackupKeyWrong` if the key
 * is another than what is there is encrypted with, `BackupTooNew`. Without a key, what is encrypted can be listed and checked.
 */
export async function openRepository(settings: RepositorySettings): Promise<BackupRepository> {
  const store = await openStore(settings);
  const lock = new RepositoryLock(store, settings.key);
  return new ObjectBackupRepository(store, lock, await lock.isLocked());
}
