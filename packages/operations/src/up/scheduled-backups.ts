import { openRepository } from '@kiroku/backup';
import { KirokuError } from '@kiroku/core';
import { createBackup } from '../backup-create/create-backup.ts';
import { pruneBackups } from '../backup-prune/prune-backups.ts';
import type { Installation } from '../config/installation.ts';
import { type DrillOptions, drill } from '../restore-drill/drill.ts';
import type { ScheduledTask } from './kept-schedule.ts';

/** Of what is read. Nobody waits for it, and services run beside it: at this pace it takes a fifth of a processor. */
const pace = 40_000_000;

/** What `up` does by itself so that nothing is lost: none, if the databases are somebody else's to run. */
export function scheduledBackups(given: Installation, keysIn: DrillOptions['keysIn'] | undefined): readonly ScheduledTask[] {
  const { backup, databases, operator } = given;
  if (databases !== undefined) return [];
  const installation = { ...given, operator: { ...operator, reason: operator.reason ?? 'kiroku up' } };
  return [
    ...(backup.schedule === undefined
      ? []
      : [{ name: 'The backup', schedule: backup.schedule, run: (signal: AbortSignal) => backUp(installation, signal) }]),
    ...(backup.drillSchedule === undefined || keysIn === undefined
      ? []
      : [{ name: 'The drill', schedule: backup.drillSchedule, run: (signal: AbortSignal) => tryNewest(installation, { keysIn, signal }) }]),
  ];
}

async function backUp(installation: Installation, signal: AbortSignal): Promise<string> {
  const repository = await openRepository(installation.backup.repository);
  const { id, head } = await createBackup(installation, { repository, signal, maxBytesPerSecond: pace });
  const { backups } = await pruneBackups(installation, repository);
  const removed = backups.length === 0 ? '' : ` ${backups.length} that had their time are removed.`;
  return `Backup ${id} is made: the log up to position ${head.position}.${removed}`;
}

async function tryNewest(installation: Installation, options: Pick<DrillOptions, 'keysIn' | 'signal'>): Promise<string> {
  const repository = await openRepository(installation.backup.repository);
  const { backup, succeeded, tried, faults, rtoSeconds } = await drill(installation, { repository, ...options });
  if (!tried) throw new KirokuError('RestoreRefused', `Nothing could be tried, which says nothing about the backups: ${faults.join(' ')}`);
  if (!succeeded) throw new KirokuError('BackupDamaged', `Backup ${backup ?? ''} was tried: ${faults.join(' ')}`);
  return `Backup ${backup} was tried: it restores, in ${rtoSeconds?.toFixed(1) ?? '?'} s.`;
}
