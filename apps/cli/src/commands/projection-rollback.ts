import type { Command } from 'commander';
import { operationsOf, remoteOption } from '../operations/operations.ts';
import { print, printJson } from '../output/print.ts';
import { switchLine } from './projection-switch.ts';

interface RollbackFlags {
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function addProjectionRollback(projection: Command): void {
  projection
    .command('rollback')
    .description('make queries read again what they read before the last switch, at once')
    .argument('<name>', 'name of the projection')
    .option('--force', 'also if it has parked keys that the one being read has not')
    .option('--dry-run', 'only say what would happen')
    .addOption(remoteOption())
    .option('--json', 'as one JSON document')
    .action(async (name: string, { force = false, dryRun = false, json = false }: RollbackFlags, command: Command) => {
      const operations = await operationsOf(command);
      const plan = dryRun ? await operations.planRollback(name) : await operations.rollbackProjection(name, { force });
      if (json) printJson(plan);
      else print(switchLine(plan, dryRun));
    });
}
