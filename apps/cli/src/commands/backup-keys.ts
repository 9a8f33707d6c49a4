import { openRepository } from '@kiroku/backup';
import { keepKeys } from '@kiroku/operations';
import type { Command } from 'commander';
import colors from 'picocolors';
import { counted } from '../output/format-count.ts';
import { print, printJson } from '../output/print.ts';
import { installationOf } from './global-options.ts';

export function addBackupKeys(backup: Command): void {
  backup
    .command('keys')
    .description('keep the keys of personal data that no backup has yet, encrypted; `kiroku up` does it itself when embedded')
    .option('--json', 'as one JSON document')
    .action(async ({ json = false }: { readonly json?: boolean }, command: Command) => {
      const installation = await installationOf(command);
      const repository = await openRepository(installation.backup.repository);
      const kept = await keepKeys(installation, repository);
      if (json) return printJson({ kept, place: repository.place });
      if (kept === 0) return print('No key of personal data is new.');
      print(`${colors.green('✓')} ${counted(kept, 'key')} of personal data ${kept === 1 ? 'is' : 'are'} kept in ${repository.place}.`);
    });
}
