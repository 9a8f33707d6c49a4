import { describeStep, maintainDatabases, planDatabaseMaintenance } from '@kiroku/operations';
import type { Command } from 'commander';
import colors from 'picocolors';
import { print, printJson } from '../output/print.ts';
import { installationOf } from './global-options.ts';

interface MaintainFlags {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function addDbMaintain(db: Command): void {
  db.command('maintain')
    .description(
      'keep partitions of the log ready, forget command ids beyond their window, and remove old entries of the audit; `kiroku up` does it by itself',
    )
    .option('--dry-run', 'only say what is due')
    .option('--json', 'as one JSON document')
    .action(async ({ dryRun = false, json = false }: MaintainFlags, command: Command) => {
      const installation = await installationOf(command);
      if (dryRun) {
        const due = await planDatabaseMaintenance(installation);
        if (json) printJson({ due });
        else print(due.length === 0 ? 'Nothing is due.' : due.map(describeStep).join('\n'));
        return;
      }
      const result = await maintainDatabases(installation, (step) => {
        if (!json) print(`${colors.green('✓')} ${describeStep(step)}`);
      });
      if (json) return printJson(result);
      for (const step of result.postponed) print(`${colors.yellow('!')} ${describeStep(step)}: its tables are in use; try again later`);
      if (result.done.length + result.postponed.length === 0) print('Nothing is due.');
    });
}
