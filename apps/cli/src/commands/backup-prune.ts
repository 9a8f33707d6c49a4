import { openRepository } from '@kiroku/backup';
import { planBackupPrune, pruneBackups } from '@kiroku/operations';
import type { Command } from 'commander';
import { isAgreedTo } from '../output/ask.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { pruneLines } from '../output/format-backup.ts';
import { print, printError, printJson } from '../output/print.ts';
import { installationOf } from './global-options.ts';
import { wholeNumber } from './numbers.ts';

interface PruneFlags {
  readonly keepDays?: number;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly audit: boolean;
  readonly json?: boolean;
}

export function addBackupPrune(backup: Command): void {
  backup
    .command('prune')
    .description('remove old backups and the write-ahead log before them, and what was never finished; never the last good backup')
    .option('--keep-days <n>', 'how long they are kept (default: BACKUP_KEEP_DAYS, 30)', wholeNumber(1))
    .option('--dry-run', 'only say what would be removed')
    .option('--yes', 'do not ask')
    .option('--no-audit', 'leave no record in the audit log, and so without command_db')
    .option('--json', 'as one JSON document')
    .action(async (flags: PruneFlags, command: Command) => runPrune(flags, command));
}

async function runPrune({ keepDays, dryRun = false, yes = false, audit, json = false }: PruneFlags, command: Command): Promise<void> {
  const installation = await installationOf(command);
  const repository = await openRepository(installation.backup.repository);
  const plan = await planBackupPrune(installation, repository, { keepDays });
  const isNothing = plan.backups.length + plan.wal.length + plan.keys.length === 0;
  const tell = (removed: boolean) => {
    if (json) printJson(plan);
    else for (const line of [...pruneLines(plan, removed), ...(isNothing ? ['Nothing is due.'] : [])]) print(line);
  };
  if (dryRun || isNothing) return tell(false);
  if (!yes) {
    for (const line of pruneLines(plan, false)) printError(line);
    if (!(await isAgreedTo('Remove that?'))) {
      printError('Nothing was removed. Add --yes to do it.');
      process.exitCode = exitCodes.failed;
      return;
    }
  }
  await pruneBackups(installation, repository, { plan, audited: audit });
  tell(true);
}
