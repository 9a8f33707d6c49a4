import type { BackupList, BackupVerification, ListedBackup, PrunePlan } from '@kiroku/operations';
import colors from 'picocolors';
import { formatDuration } from './duration.ts';
import { formatBytes } from './format-bytes.ts';

export const backupColumns = ['backup', 'method', 'took', 'position', 'kept', 'encrypted', 'verified'] as const;

export function formatBackupRow(backup: ListedBackup): readonly string[] {
  const { id, method, head, encrypted, storedBytes, verification } = backup;
  return [id, method, tookOf(backup), String(head.position), formatBytes(storedBytes), encrypted ? 'yes' : 'no', verifiedOf(verification)];
}

/** What is no backup to restore from. */
export function otherBackupLines({ damaged, unfinished, locked }: BackupList): readonly string[] {
  return [
    ...damaged.map(({ reason }) => `${colors.red('✗')} ${reason}`),
    ...unfinished.map(
      ({ id, lastSeenAt, storedBytes }) =>
        `${colors.yellow('!')} ${id} is not finished: ${formatBytes(storedBytes)}, last worked on at ${lastSeenAt}.`,
    ),
    ...(locked ? [`${colors.yellow('!')} They are encrypted, and there is no BACKUP_KEY: they can be listed, and not restored.`] : []),
  ];
}

/** Everything that is known of a backup. */
export function backupLines(backup: ListedBackup): readonly string[] {
  const { id, method, startedAt, databases, head, parts, physical, keys, encrypted, verification } = backup;
  const rows: readonly (readonly [string, string])[] = [
    ['made', `${startedAt}, in ${tookOf(backup)}, by ${method}`],
    ['of', `${backup.application}, Kiroku ${backup.kirokuVersion}, PostgreSQL ${backup.postgresVersion}`],
    ['log', `${head.log}, timeline ${head.timeline}, up to position ${head.position}`],
    ['hash', head.hash],
    ...Object.entries(databases).map(
      ([name, { bytes, schemaVersion }]) => [name, `${formatBytes(bytes)}, migration ${schemaVersion}`] as const,
    ),
    ...(physical === undefined ? [] : [['wal', `${physical.startLsn} to ${physical.stopLsn}, timeline ${physical.walTimeline}`] as const]),
    ...parts.map(
      ({ name, bytes, storedBytes, sha256 }) =>
        [name, `${formatBytes(bytes)}, kept as ${formatBytes(storedBytes)}, SHA-256 ${sha256}`] as const,
    ),
    ['encrypted', encrypted ? `yes, ${keys ? 'with' : 'without'} the keys of personal data` : 'no, and without the keys of personal data'],
    ['verified', verifiedOf(verification)],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    colors.bold(id),
    ...rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`),
    ...(verification?.findings ?? []).map((each) => `  ${each}`),
  ];
}

/** What a prune removes, or would. */
export function pruneLines({ backups, wal, keys, lastGood }: PrunePlan, removed: boolean): readonly string[] {
  const verb = removed ? 'removed' : 'would remove';
  return [
    ...backups.map(
      ({ id, why, storedBytes }) => `${verb} ${id}: ${why}${storedBytes === undefined ? '' : `, ${formatBytes(storedBytes)}`}`,
    ),
    ...(wal.length === 0 ? [] : [`${verb} ${wal.length} pieces of write-ahead log, ${wal[0]} to ${wal.at(-1)}`]),
    ...(keys.length === 0 ? [] : [`${verb} ${keys.length} pieces of keys of personal data, which the backups that stay have`]),
    ...(lastGood === undefined
      ? []
      : [`${colors.yellow('!')} ${lastGood} is old, and stays: there is no newer good one. \`kiroku backup create\``]),
  ];
}

function tookOf({ startedAt, finishedAt }: ListedBackup): string {
  return formatDuration(Date.parse(finishedAt) - Date.parse(startedAt));
}

function verifiedOf(verification: BackupVerification | undefined): string {
  if (verification === undefined) return 'never';
  return verification.whole ? `whole, ${verification.at}` : `damaged, ${verification.at}`;
}
