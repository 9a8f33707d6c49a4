import type { BackupRepository } from '@kiroku/backup';
import { type ListedBackup, listedBackup } from '../backup-list/list-backups.ts';
import { readVerifications } from '../backup-verify/verification.ts';

/** What is known of a backup. Throws `NotFound`, `BackupIncomplete`, `BackupDamaged`, `BackupTooNew`. */
export async function showBackup(repository: BackupRepository, id: string): Promise<ListedBackup> {
  return listedBackup(await repository.manifest(id), (await readVerifications(repository)).get(id));
}
