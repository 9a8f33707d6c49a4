import type { BackupRepository } from '@kiroku/backup';

const kind = 'verify';

/** What looking at every byte of a backup has shown. */
export interface BackupVerification {
  /** When; ISO 8601. */
  readonly at: string;
  readonly whole: boolean;
  /** Whether it was decrypted, too; without the key only what is kept can be compared. */
  readonly opened: boolean;
  readonly findings: readonly string[];
}

/** The last verification of each backup, by its id. */
export async function readVerifications(repository: BackupRepository): Promise<ReadonlyMap<string, BackupVerification>> {
  const reports = await repository.listReports(kind);
  return new Map(reports.flatMap(({ id, report }) => (isVerification(report) ? [[id, report] as const] : [])));
}

function isVerification(report: unknown): report is BackupVerification {
  if (typeof report !== 'object' || report === null) return false;
  const { at, whole, opened, findings } = report as Partial<Record<keyof BackupVerification, unknown>>; // each is checked here
  return typeof at === 'string' && typeof whole === 'boolean' && typeof opened === 'boolean' && Array.isArray(findings);
}

export async function writeVerification(repository: BackupRepository, id: string, verification: BackupVerification): Promise<void> {
  await repository.writeReport(kind, id, verification);
}

export async function deleteVerification(repository: BackupRepository, id: string): Promise<void> {
  await repository.deleteReport(kind, id);
}
