import type { BackupMethod } from '@kiroku/backup';
import { KirokuError } from '@kiroku/core';
import type { Installation } from '../config/installation.ts';

/** How an installation is backed up. Throws `ConfigurationInvalid` if it cannot be backed up as it says. */
export function backupMethod({ backup, databases }: Pick<Installation, 'backup' | 'databases'>): BackupMethod {
  const embedded = databases === undefined;
  if (backup.method === 'auto') return embedded ? 'embedded' : backup.pgbackrest.stanzas.length > 0 ? 'pgbackrest' : 'pg_dump';
  if (backup.method !== 'embedded' || embedded) return backup.method;
  throw new KirokuError(
    'ConfigurationInvalid',
    'BACKUP_METHOD is embedded, and the databases are on a server of their own (DATABASE_URL). Set BACKUP_METHOD to auto, pg_dump or pgbackrest.',
  );
}
