import type { Command } from 'commander';
import { consumerOperationsOf } from '../operations/consumer-operations.ts';
import { remoteOption } from '../operations/operations.ts';
import { needsYes } from '../output/needs-yes.ts';
import { print, printJson } from '../output/print.ts';

interface RemoveFlags {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function addConsumerRemove(consumer: Command): void {
  consumer
    .command('remove')
    .description('remove a consumer with its position and its messages, and destroy its secret; needs --yes')
    .argument('<name>', 'name of the consumer')
    .option('--yes', 'do it; without it, only say what would be removed')
    .option('--dry-run', 'only say what would be removed')
    .addOption(remoteOption())
    .option('--json', 'as one JSON document')
    .action(async (name: string, { yes = false, dryRun = false, json = false }: RemoveFlags, command: Command) => {
      const operations = await consumerOperationsOf(command);
      const runs = yes && !dryRun;
      const gone = runs ? await operations.removeConsumer(name) : (await operations.showConsumer(name)).consumer;
      if (json) printJson(runs ? gone : { plan: gone });
      else
        print(
          `${name} ${runs ? 'is' : 'would be'} removed, at position ${gone.position}, with ${gone.waiting} waiting messages and ${gone.dead} dead letters.`,
        );
      if (!yes && !dryRun) needsYes('remove it');
    });
}
