import type pg from 'pg';
import { statement } from '../statement.ts';
import type { AppliedMigration } from './plan-migrations.ts';

/** What was applied to the connected database, in order; nothing, if it was never migrated. */
export async function readAppliedMigrations(connection: Pick<pg.ClientBase, 'query'>): Promise<readonly AppliedMigration[]> {
  const bookkeeping = await connection.query<{ found: boolean }>(statement('migrate/find_bookkeeping').text);
  if (bookkeeping.rows[0]?.found !== true) return [];
  const applied = await connection.query<AppliedRow>(statement('migrate/list_applied').text);
  return applied.rows.map(({ number, name, checksum, applied_at }) => ({ number, name, checksum, appliedAt: applied_at }));
}

interface AppliedRow {
  readonly number: number;
  readonly name: string;
  readonly checksum: string;
  readonly applied_at: string;
}
