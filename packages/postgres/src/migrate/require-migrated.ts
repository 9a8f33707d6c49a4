import { KirokuError } from '@kiroku/core';
import type pg from 'pg';
import { toKirokuError } from '../errors.ts';
import { readAppliedMigrations } from './applied-migrations.ts';
import type { DatabaseName } from './database-name.ts';
import { readMigrationFiles } from './migration-files.ts';
import { planMigrations } from './plan-migrations.ts';

/** What a service asks before it starts. Throws `SchemaTooOld`, `SchemaTooNew`, `MigrationChanged` or `DatabaseUnavailable`. */
export async function requireMigrated(options: {
  readonly database: DatabaseName;
  readonly pool: Pick<pg.Pool, 'query'>;
  readonly directory?: string;
}): Promise<void> {
  const { database, pool, directory } = options;
  const files = await readMigrationFiles(database, directory);
  const applied = await readAppliedMigrations(pool).catch((error: unknown) => {
    throw toKirokuError(error);
  });
  const [first] = planMigrations(database, files, applied);
  if (first === undefined) return;
  throw new KirokuError(
    'SchemaTooOld',
    `${database} lacks migration ${first.number} (${first.name}), which this code needs. Run \`kiroku migrate\` and start again.`,
    { details: { database, missing: first.number } },
  );
}
