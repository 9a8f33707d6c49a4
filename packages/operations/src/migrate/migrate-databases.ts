import {
  createPool,
  type DatabaseName,
  databaseNames,
  type Migration,
  type MigrationStatus,
  migrate,
  migrationStatus,
  PostgresOperatorAudit,
} from '@kiroku/postgres';
import { recordedRun } from '../audit/audited-run.ts';
import { connectionUrls, type DatabaseUrls, type Installation } from '../config/installation.ts';
import type { Operator } from '../config/operator.ts';

type OnApplied = (database: DatabaseName, migration: Migration) => void;

/** Applies what is pending in the three databases; returns how many migrations that were. */
export async function migrateDatabases(installation: Installation, onApplied: OnApplied): Promise<number> {
  return migrateAll(await connectionUrls(installation, 'superuser'), installation.operator, onApplied);
}

/** What is applied and pending in the three databases. */
export async function migrationStatuses(installation: Installation): Promise<readonly MigrationStatus[]> {
  return statusesOf(await connectionUrls(installation, 'service'));
}

/** Applies what is pending, and records that in the audit log, which may be among it. If nothing is, it only sees that roles and grants are there. */
export async function migrateAll(urls: DatabaseUrls, operator: Operator, onApplied?: OnApplied): Promise<number> {
  const before = await statusesOf(urls);
  if (before.every(({ pending }) => pending.length === 0)) return countOf(await applyAll(urls, onApplied));
  await using pool = createPool({ url: urls.command_db, applicationName: 'kiroku-migrate', max: 1 });
  const applied = await recordedRun(new PostgresOperatorAudit({ pool }), operator, {
    verb: 'migrate',
    before: async () => Object.fromEntries(before.map((status) => [status.database, status.applied.length])),
    run: () => applyAll(urls, onApplied),
    after: (migrations) =>
      Object.fromEntries(migrations.map(([database, list]) => [database, list.map(({ number, name }) => `${number} ${name}`)])),
    createsAuditLog: true,
  });
  return countOf(applied);
}

type Applied = readonly (readonly [DatabaseName, readonly Migration[]])[];

function applyAll(urls: DatabaseUrls, onApplied?: OnApplied): Promise<Applied> {
  return Promise.all(
    databaseNames.map(async (database) => {
      const applied = await migrate({ database, url: urls[database], onApplied: (migration) => onApplied?.(database, migration) });
      return [database, applied] as const;
    }),
  );
}

function countOf(applied: Applied): number {
  return applied.reduce((count, [, migrations]) => count + migrations.length, 0);
}

function statusesOf(urls: DatabaseUrls): Promise<readonly MigrationStatus[]> {
  return Promise.all(databaseNames.map((database) => migrationStatus({ database, url: urls[database] })));
}
