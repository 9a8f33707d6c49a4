import type { Command } from 'commander';
import { momentOperationsOf } from '../operations/moment-operations.ts';
import { remoteOption } from '../operations/operations.ts';
import { needsYes } from '../output/needs-yes.ts';
import { print, printJson } from '../output/print.ts';

interface DropFlags {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function addReplayDrop(replay: Command): void {
  replay
    .command('drop')
    .description('drop a moment with its schemas; it can be built again from the log')
    .argument('<name>', 'name of the moment')
    .option('--yes', 'do it; without it, only say what would be dropped')
    .option('--dry-run', 'only say what would be dropped')
    .addOption(remoteOption())
    .option('--json', 'the moment, as one JSON document')
    .action(async (name: string, { yes = false, dryRun = false, json = false }: DropFlags, command: Command) => {
      const dropping = yes && !dryRun;
      const operations = await momentOperationsOf(command);
      const moment = dropping ? await operations.dropMoment(name) : await operations.showMoment(name);
      if (json) printJson(moment);
      else for (const { schema } of moment.projections) print(`${dropping ? 'dropped' : 'would drop'} ${schema}`);
      if (dropping || dryRun) return;
      needsYes('drop it');
    });
}
