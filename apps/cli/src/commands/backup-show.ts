import { openRepository } from '@kiroku/backup';
import { showBackup } from '@kiroku/operations';
import type { Command } from 'commander';
import { backupLines } from '../output/format-backup.ts';
import { print, printJson } from '../output/print.ts';
import { installationOf } from './global-options.ts';

export function addBackupShow(backup: Command): void {
  backup
    .command('show')
    .description('what a backup holds: of which log, up to where, its parts and their checksums')
    .argument('<id>', 'as `kiroku backup list` has it')
    .option('--json', 'as one JSON document')
    .action(async (id: string, { json = false }: { readonly json?: boolean }, command: Command) => {
      const { backup: settings } = await installationOf(command);
      const shown = await showBackup(await openRepository(settings.repository), id);
      if (json) printJson(shown);
      else for (const line of backupLines(shown)) print(line);
    });
}
