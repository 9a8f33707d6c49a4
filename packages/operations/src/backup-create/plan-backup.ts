import type { BackupMethod, BackupRepository } from '@kiroku/backup';
import { connectionUrls, type Installation } from '../config/installation.ts';
import { databaseFacts } from './backup-facts.ts';
import { backupMethod } from './backup-method.ts';

/** What a backup would be. */
export interface BackupPlan {
  readonly method: BackupMethod;
  readonly place: string;
  readonly encrypted: boolean;
  /** Of the databases on their disk. What is kept is a third to a tenth of that. */
  readonly bytes: number;
  /** How long the newest one by this method took, seconds; absent if there is none. */
  readonly lastTookSeconds?: number;
  /** What people should know, one line each. */
  readonly notices: readonly string[];
}

/** Reads what is there, and changes nothing. Throws `DatabaseUnavailable`, `ConfigurationInvalid`. */
export async function planBackup(installation: Installation, repository: BackupRepository): Promise<BackupPlan> {
  const method = backupMethod(installation);
  const databases = await databaseFacts(await connectionUrls(installation, 'superuser'));
  const last = (await repository.list()).backups.findLast((backup) => backup.method === method);
  return {
    method,
    place: repository.place,
    encrypted: repository.encrypted,
    bytes: Object.values(databases).reduce((sum, { bytes }) => sum + bytes, 0),
    ...(last && { lastTookSeconds: (Date.parse(last.finishedAt) - Date.parse(last.startedAt)) / 1_000 }),
    notices: noticesOf(installation, repository.encrypted),
  };
}

function noticesOf({ backup, dataDirectory }: Installation, encrypted: boolean): readonly string[] {
  const beside = `The backups are in ${dataDirectory}, on the disk of the databases: what destroys one destroys both. Set BACKUP_URL to another place.`;
  const keys =
    'The keys of personal data are not in it, because it is not encrypted (BACKUP_KEY): back KIROKU_KEY_DIR up apart, or personal data stay unreadable.';
  return [...(backup.besideData ? [beside] : []), ...(encrypted ? [] : [keys])];
}
