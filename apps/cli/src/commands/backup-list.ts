import { openRepository } from '@kiroku/backup';
import { listBackups } from '@kiroku/operations';
import type { Command } from 'commander';
import { backupColumns, formatBackupRow, otherBackupLines } from '../output/format-backup.ts';
import { print, printJson, printTable } from '../output/print.ts';
import { installationOf } from './global-options.ts';

export function addBackupList(backup: Command): void {
  backup
    .command('list')
    .description('what backups there are, the oldest first, and what is damaged or was never finished')
    .option('--json', 'as one JSON document')
    .action(async ({ json = false }: { readonly json?: boolean }, command: Command) => {
      const { backup: settings } = await installationOf(command);
      const list = await listBackups(await openRepository(settings.repository));
      if (json) return printJson(list);
      if (list.backups.length === 0) print(`There are no backups in ${list.place}. \`kiroku backup create\` makes one.`);
      else printTable(backupColumns, list.backups.map(formatBackupRow));
      for (const line of otherBackupLines(list)) print(line);
    });
}
