import { createPool } from '../pool.ts';
import { rowsOf } from '../rows-of.ts';

/** Commands recorded before this time are removed from the audit. */
export type AuditPruning = { readonly kind: 'pruneCommandAudit'; readonly until: string };

/** `url`: of command_db, as a member of kiroku_maintenance or its owner. */
interface MaintainOptions {
  readonly url: string;
}

/** What `pruneCommandAudit` would do now, if it is due. Throws `DatabaseUnavailable` or `SchemaTooOld`. */
export async function planAuditMaintenance({ url }: MaintainOptions): Promise<readonly AuditPruning[]> {
  await using pool = createPool({ url, applicationName: 'kiroku-maintain', max: 1 });
  const due = await rowsOf<{ until: string }>(pool, 'audit/find_prunable');
  return due.map(({ until }) => ({ kind: 'pruneCommandAudit', until }));
}

/** Removes commands that left no event and are older than they are kept. Throws `ConfigurationInvalid` if the role of the URL may not. */
export async function pruneCommandAudit({ url }: MaintainOptions): Promise<void> {
  await using pool = createPool({ url, applicationName: 'kiroku-maintain', max: 1 });
  await rowsOf(pool, 'audit/prune_commands');
}
