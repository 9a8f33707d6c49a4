export type { BackedUpDatabase, BackedUpHead, BackupManifest, BackupMethod, BackupPart, PgBackRestServer, PhysicalBackup } from './manifest.ts';
export type { ArchivedWal, BackupRepository, BackupWriter } from './ports/backup-repository.ts';
export type { ObjectStore, StoredObject } from './ports/object-store.ts';
export type { RepositorySettings } from './repository-settings.ts';
