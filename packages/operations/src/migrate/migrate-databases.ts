import { type DatabaseName, databaseNames, type Migration, type MigrationStatus, migrate, migrationStatus } from '@kiroku/postgres';
import { connectionUrls, type Installation } from '../config/installation.ts';

/** Applies what is pending in the three databases, one after the other; returns how many migrations that were. */
export async function migrateDatabases(
  installation: Installation,
  onApplied: (database: DatabaseName, migration: Migration) => void,
): Promise<number> {
  const urls = await connectionUrls(installation, 'superuser');
  let count = 0;
  for (const database of databaseNames) {
    const applied = await migrate({ database, url: urls[database], onApplied: (migration) => onApplied(database, migration) });
    count += applied.length;
  }
  return count;
}

/** What is applied and pending in the three databases. */
export async function migrationStatuses(installation: Installation): Promise<readonly MigrationStatus[]> {
  const urls = await connectionUrls(installation, 'service');
  return Promise.all(databaseNames.map((database) => migrationStatus({ database, url: urls[database] })));
}
