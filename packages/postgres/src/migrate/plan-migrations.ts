import { KirokuError } from '@kiroku/core';
import type { DatabaseName } from './database-name.ts';
import type { Migration } from './migration-files.ts';

/** A migration as the database remembers it. */
export interface AppliedMigration {
  readonly number: number;
  readonly name: string;
  readonly checksum: string;
  /** ISO 8601, UTC, microseconds. */
  readonly appliedAt: string;
}

/** The migrations still to apply, in order. Throws `MigrationChanged` or `SchemaTooNew` if the files are not what the database was built from. */
export function planMigrations(
  database: DatabaseName,
  files: readonly Migration[],
  applied: readonly AppliedMigration[],
): readonly Migration[] {
  const newest = files.length;
  const unknown = applied.find(({ number }) => number > newest);
  if (unknown !== undefined) throw tooNew(database, unknown, newest);
  for (const [index, was] of applied.entries()) {
    const file = files[index];
    if (was.number !== index + 1) throw changed(database, `migration ${index + 1} was never applied but ${was.number} (${was.name}) was`);
    if (file === undefined || file.checksum !== was.checksum || file.name !== was.name) {
      throw changed(database, `migration ${was.number} (${was.name}) is not the file that was applied at ${was.appliedAt}`);
    }
  }
  return files.slice(applied.length);
}

function tooNew(database: DatabaseName, unknown: AppliedMigration, newest: number): KirokuError {
  return new KirokuError(
    'SchemaTooNew',
    `${database} has migration ${unknown.number} (${unknown.name}), this code knows migrations up to ${newest}. Older code would misread newer tables: run the version that migrated it, or restore a backup from before.`,
    { details: { database, found: unknown.number, known: newest } },
  );
}

function changed(database: DatabaseName, what: string): KirokuError {
  return new KirokuError(
    'MigrationChanged',
    `In ${database}, ${what}. Databases migrated before and after such an edit would differ: put the file back as it was and make the change in a new migration.`,
    { details: { database } },
  );
}
