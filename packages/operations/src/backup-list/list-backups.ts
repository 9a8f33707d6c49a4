import type { BackupListing, BackupManifest, BackupRepository } from '@kiroku/backup';
import { type BackupVerification, readVerifications } from '../backup-verify/verification.ts';

/** A backup that was finished. */
export interface ListedBackup extends BackupManifest {
  readonly storedBytes: number;
  /** The last time that every byte of it was looked at. */
  readonly verification?: BackupVerification;
}

export interface BackupList extends Omit<BackupListing, 'backups'> {
  readonly place: string;
  /** Whether they are encrypted, and there is no key. */
  readonly locked: boolean;
  /** The oldest first. */
  readonly backups: readonly ListedBackup[];
}

/** What backups there are. */
export async function listBackups(repository: BackupRepository): Promise<BackupList> {
  const [listing, verifications] = [await repository.list(), await readVerifications(repository)];
  return {
    place: repository.place,
    locked: repository.locked,
    ...listing,
    backups: listing.backups.map((manifest) => listedBackup(manifest, verifications.get(manifest.id))),
  };
}

export function listedBackup(manifest: BackupManifest, verification: BackupVerification | undefined): ListedBackup {
  const storedBytes = manifest.parts.reduce((sum, part) => sum + part.storedBytes, 0);
  return { ...manifest, storedBytes, ...(verification !== undefined && { verification }) };
}
