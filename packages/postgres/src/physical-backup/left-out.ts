/** Directories that a server finds empty after a restore: it fills them itself, or they are of its last run. Paths within the cluster. */
const emptied: ReadonlySet<string> = new Set([
  'pg_dynshmem',
  'pg_notify',
  'pg_replslot',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
  'pg_wal',
]);

const ofRunningServer: ReadonlySet<string> = new Set([
  'backup_label',
  'backup_label.old',
  'backup_manifest',
  'current_logfiles',
  'current_logfiles.tmp',
  'postgresql.auto.conf.tmp',
  'postmaster.opts',
  'postmaster.pid',
  'recovery.signal',
  'standby.signal',
  'tablespace_map',
  'tablespace_map.old',
]);

/** Must exist, with nothing in it, in what is restored. */
export const neededEmpty = ['pg_wal/archive_status', 'pg_wal/summaries'] as const;

/** Whether what is in a directory stays out of a backup. */
export function isEmptied(directory: string): boolean {
  return emptied.has(directory);
}

/**
 * Whether a file or directory stays out of a backup, as pg_basebackup leaves it out: what belongs to the running server, temporary files
 * and relations, and what unlogged relations hold (of those, only what they begin with is kept). `siblings` are the names beside it.
 */
export function isLeftOut(directory: string, name: string, siblings: ReadonlySet<string>): boolean {
  if (directory === '' && ofRunningServer.has(name)) return true;
  if (name.startsWith('pgsql_tmp') || name.startsWith('pg_internal.init')) return true;
  if (!directory.startsWith('base/')) return false;
  if (/^t\d+_\d+/.test(name)) return true;
  const [, relation, fork] = /^(\d+)(?:_([a-z]+))?(?:\.\d+)?$/.exec(name) ?? [];
  return relation !== undefined && fork !== 'init' && siblings.has(`${relation}_init`);
}
