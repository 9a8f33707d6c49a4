import { type BackupManifest, openRepository } from '@kiroku/backup';
import { type BackupsVerified, faultsInPgBackRest, verifyBackups } from '@kiroku/operations';
import type { Command } from 'commander';
import colors from 'picocolors';
import { exitCodes } from '../output/exit-codes.ts';
import { print, printJson } from '../output/print.ts';
import { taskProgress } from '../output/task-progress.ts';
import { installationOf } from './global-options.ts';
import { onInterrupt } from './interrupts.ts';

interface VerifyFlags {
  readonly all?: boolean;
  readonly json?: boolean;
}

export function addBackupVerify(backup: Command): void {
  backup
    .command('verify')
    .description(
      'read every byte of backups and of the write-ahead log that goes on from them, open both, and look for gaps; exit code 1 if something is wrong, or there is no backup',
    )
    .argument('[id...]', 'which ones (default: the newest)')
    .option('--all', 'all of them')
    .option('--json', 'as one JSON document')
    .action(async (ids: readonly string[], { all = false, json = false }: VerifyFlags, command: Command) => {
      if (all && ids.length > 0) command.error('error: --all cannot be used with ids', { exitCode: exitCodes.usage });
      const installation = await installationOf(command);
      const repository = await openRepository(installation.backup.repository);
      const stopped = new AbortController();
      const release = onInterrupt({ stop: () => stopped.abort(), force: () => process.exit(1) });
      try {
        using progress = taskProgress('backup verify', 'bytes');
        const which = all ? 'all' : ids.length > 0 ? ids : 'newest';
        const onProgress = ({ done, total }: { readonly done: number; readonly total: number }) => progress.show(done, total);
        const faultsElsewhere = (manifest: BackupManifest) => faultsInPgBackRest(installation, manifest);
        const verified = await verifyBackups(repository, { which, onProgress, faultsElsewhere, signal: stopped.signal });
        if (json) printJson(verified);
        else printVerified(verified);
        if (!verified.whole) process.exitCode = exitCodes.failed;
      } finally {
        release();
      }
    });
}

function printVerified(verified: BackupsVerified): void {
  const { backups, walGaps, place } = verified;
  if (backups.length === 0) print(`There are no backups in ${place}. \`kiroku backup create\` makes one.`);
  for (const backup of backups) {
    print(backupLine(backup));
    for (const finding of backup.findings) print(`  ${finding}`);
  }
  for (const { segment, afterBackup } of walGaps)
    print(
      `${colors.red('✗')} ${segment} of the write-ahead log is missing: from backup ${afterBackup} one gets no further than that. Make a new backup.`,
    );
  printWal(verified);
  for (const { id, reason, inBackup } of verified.keyDamage)
    print(
      inBackup === undefined
        ? `${colors.red('✗')} Keys of personal data that were kept in ${id} are damaged. ${reason} No backup has them yet: make one, \`kiroku backup create\`.`
        : `${colors.yellow('!')} Keys of personal data that were kept in ${id} are damaged. ${reason} Backup ${inBackup} has them, too.`,
    );
}

function backupLine({ id, whole, opened, isTooNew }: BackupsVerified['backups'][number]): string {
  const how = opened ? '' : ' as far as can be told without BACKUP_KEY';
  if (whole) return `${colors.green('✓')} ${id} is whole${how}.`;
  return isTooNew ? `${colors.red('✗')} ${id} is of newer code, and cannot be verified by this.` : `${colors.red('✗')} ${id} is damaged.`;
}

function printWal({ walRead, walOpened, walDamage }: BackupsVerified): void {
  if (walRead === 0) return;
  if (!walOpened)
    print(`${colors.yellow('!')} ${walRead} pieces of write-ahead log are encrypted, and cannot be looked at without BACKUP_KEY.`);
  else if (walDamage.length === 0) print(`${colors.green('✓')} ${walRead} pieces of write-ahead log are whole.`);
  for (const damaged of walDamage)
    print(`${colors.red('✗')} ${damaged.segment} of the write-ahead log is damaged. ${consequence(damaged)}\n  ${damaged.reason}`);
}

function consequence({ afterBackup, until, nextBackup }: BackupsVerified['walDamage'][number]): string {
  if (afterBackup === undefined) return 'No backup needs it.';
  const reach = until === undefined ? 'the timeline that began there' : `the end of ${until}`;
  const further = nextBackup === undefined ? 'Make a new backup: the log goes on from it.' : `From ${nextBackup} on, everything can be.`;
  return `From backup ${afterBackup} one can restore up to ${reach}. ${further}`;
}
