export type {
  BackedUpDatabase,
  BackedUpHead,
  BackupManifest,
  BackupMethod,
  BackupPart,
  PgBackRestServer,
  PhysicalBackup,
} from './manifest.ts';
export type {
  ArchivedWal,
  BackupListing,
  BackupRepository,
  BackupWriter,
  DamagedBackup,
  KeptKeys,
  UnfinishedBackup,
} from './ports/backup-repository.ts';
export { timeOfId } from './repository/list-backups.ts';
export { openRepository } from './repository/open-repository.ts';
export type { RepositorySettings } from './repository-settings.ts';
