import pg from 'pg';
import { toKirokuError } from '../errors.ts';
import { noteDatabase } from '../naming-faults.ts';
import { readAppliedMigrations } from './applied-migrations.ts';
import { connectTimeout } from './connect-timeout.ts';
import type { DatabaseName } from './database-name.ts';
import { type Migration, readMigrationFiles } from './migration-files.ts';
import { type AppliedMigration, planMigrations } from './plan-migrations.ts';

export interface MigrationStatus {
  readonly database: DatabaseName;
  readonly applied: readonly AppliedMigration[];
  readonly pending: readonly Pick<Migration, 'number' | 'name'>[];
}

/** What is applied and what is pending; changes nothing. Throws `MigrationChanged`, `SchemaTooNew` or `DatabaseUnavailable`. */
export async function migrationStatus(options: {
  readonly database: DatabaseName;
  readonly url: string;
  readonly directory?: string;
  /** For connecting and for each answer, milliseconds. Default: ten seconds for connecting, and for an answer as long as it takes. */
  readonly timeoutMs?: number;
}): Promise<MigrationStatus> {
  const { database, url, directory, timeoutMs } = options;
  const files = await readMigrationFiles(database, directory);
  const client = new pg.Client({ connectionString: url, application_name: `kiroku-migrate-${database}`, ...timeouts(timeoutMs) });
  try {
    await client.connect();
    const applied = await readAppliedMigrations(client);
    const pending = planMigrations(database, files, applied).map(({ number, name }) => ({ number, name }));
    return { database, applied, pending };
  } catch (error) {
    noteDatabase(error, url);
    throw toKirokuError(error);
  } finally {
    await client.end();
  }
}

function timeouts(milliseconds: number | undefined): pg.ClientConfig {
  return milliseconds === undefined ? connectTimeout : { connectionTimeoutMillis: milliseconds, query_timeout: milliseconds };
}
