import type { BackupManifest, BackupRepository } from '@kiroku/backup';
import { faultsOfKeys, keptKeySources } from '../backup-keys/kept-keys.ts';

/** Keys of personal data that were kept between backups, and cannot be read. */
export interface DamagedKeys {
  readonly id: string;
  readonly reason: string;
  /** The first whole backup after them, which has them, too: a restore takes them from there. */
  readonly inBackup?: string;
}

/** Reads what was kept of keys through; nothing without the key, if it is encrypted. */
export async function verifyKeys(
  repository: BackupRepository,
  { backups, damaged }: { readonly backups: readonly BackupManifest[]; readonly damaged: ReadonlySet<string> },
): Promise<readonly DamagedKeys[]> {
  if (repository.locked) return [];
  const faults = await faultsOfKeys(await keptKeySources(repository));
  return [...faults].map(([{ id }, { message: reason }]) => {
    const after = backups.find((backup) => backup.keys && backup.id > id && !damaged.has(backup.id));
    return { id, reason, ...(after !== undefined && { inBackup: after.id }) };
  });
}
