import type { BackupRepository } from '@kiroku/backup';
import { KirokuError } from '@kiroku/core';
import { readCoverage } from './wal-coverage.ts';

/** Throws `BackupForeign` if the write-ahead log that is kept there is another server's: their segments have the same names. */
export async function requireOwnArchive(repository: BackupRepository, systemIdentifier: string): Promise<void> {
  const coverage = await readCoverage(repository);
  const newest = (await repository.list()).backups.findLast(({ physical }) => physical !== undefined);
  const other = [coverage?.systemIdentifier, newest?.physical?.systemIdentifier].find((id) => id !== undefined && id !== systemIdentifier);
  if (other === undefined) return;
  throw new KirokuError(
    'BackupForeign',
    `The backups in ${repository.place} are of another database server (${other}, this is ${systemIdentifier}). Set BACKUP_URL to a place of its own, or restore what is there: \`kiroku restore --latest\`.`,
  );
}
