import { createPool, type Pool } from '../pool.ts';
import { rowsOf } from '../rows-of.ts';

/** Commands recorded before this time are removed from the audit. */
export type AuditPruning = { readonly kind: 'pruneCommandAudit'; readonly until: string };

/** `url`: of command_db, as a member of kiroku_maintenance or its owner. */
interface MaintainOptions {
  readonly url: string;
}

/** What `pruneCommandAudit` would do now, if it is due. Throws `DatabaseUnavailable` or `SchemaTooOld`. */
export function planAuditMaintenance({ url }: MaintainOptions): Promise<readonly AuditPruning[]> {
  return connected(url, async (pool) => {
    const due = await rowsOf<{ until: string }>(pool, 'audit/find_prunable');
    return due.map(({ until }) => ({ kind: 'pruneCommandAudit', until }));
  });
}

/** Removes commands that left no event and are older than they are kept. Throws `ConfigurationInvalid` if the role of the URL may not. */
export function pruneCommandAudit({ url }: MaintainOptions): Promise<void> {
  return connected(url, async (pool) => void (await rowsOf(pool, 'audit/prune_commands')));
}

async function connected<T>(url: string, work: (pool: Pool) => Promise<T>): Promise<T> {
  const pool = createPool({ url, applicationName: 'kiroku-maintain', max: 1 });
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
}
