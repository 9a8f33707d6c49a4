import { isKirokuError, KirokuError } from '@kiroku/core';
import pg from 'pg';
import { toKirokuError } from '../errors.ts';
import { noteDatabase } from '../naming-faults.ts';
import { statement } from '../statement.ts';
import { readAppliedMigrations } from './applied-migrations.ts';
import { connectTimeout } from './connect-timeout.ts';
import type { DatabaseName } from './database-name.ts';
import { type Migration, readMigrationFiles } from './migration-files.ts';
import { planMigrations } from './plan-migrations.ts';

export interface MigrateOptions {
  readonly database: DatabaseName;
  /** Of the database itself, as superuser, as its owner or as kiroku_owner. */
  readonly url: string;
  /** Told of each migration once it is committed. */
  readonly onApplied?: (migration: Migration) => void;
  /** Where the folders of migrations are. Default: those of this package. */
  readonly directory?: string;
}

/**
 * Creates the roles if they are not there and applies what is pending, each migration in a transaction of its own. Safe to run from
 * several processes at once: the others wait and find nothing to do. Returns what was applied. Throws `MigrationChanged`, `SchemaTooNew`
 * or `DatabaseUnavailable`.
 */
export async function migrate(options: MigrateOptions): Promise<readonly Migration[]> {
  const { database, url, onApplied, directory } = options;
  const files = await readMigrationFiles(database, directory);
  const client = new pg.Client({ connectionString: url, application_name: `kiroku-migrate-${database}`, ...connectTimeout });
  try {
    await client.connect();
    await client.query(statement('migrate/take_turn').text);
    await prepareDatabase(client, database);
    const planned = async () => planMigrations(database, files, await readAppliedMigrations(client));
    if ((await planned()).length === 0) return [];
    await client.query(statement('migrate/lock_migrations').text);
    const pending = await planned(); // code of before takes this lock alone
    for (const migration of pending) {
      await apply(client, database, migration);
      onApplied?.(migration);
    }
    return pending;
  } catch (error) {
    noteDatabase(error, url);
    throw toKirokuError(error);
  } finally {
    await client.end();
  }
}

async function prepareDatabase(client: pg.Client, database: DatabaseName): Promise<void> {
  await client.query(statement('migrate/create_roles').text);
  await client.query(statement('migrate/grant_database').text);
  if (database === 'query_db') await client.query(statement('migrate/grant_schema_creation').text);
  await client.query('set role kiroku_owner');
  await client.query(statement('migrate/create_bookkeeping').text);
}

async function apply(client: pg.Client, database: DatabaseName, { number, name, checksum, sql }: Migration): Promise<void> {
  await client.query('begin');
  try {
    // nothing resolves by a search path: an object that is not schema-qualified fails here, not on somebody's server
    await client.query('set local search_path = pg_catalog');
    await client.query(sql);
    await client.query(statement('migrate/record_applied').text, [number, name, checksum]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined); // the first error is the one to tell
    throw new KirokuError(
      isKirokuError(toKirokuError(error), 'DatabaseUnavailable') ? 'DatabaseUnavailable' : 'Internal',
      `Migration ${number} (${name}) of ${database} failed and was rolled back: ${error instanceof Error ? error.message : String(error)}. The migrations before it stand; repair the cause and migrate again.`,
      { cause: error },
    );
  }
}
