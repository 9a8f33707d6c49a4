import { planRewind } from '@kiroku/operations';
import type { Command } from 'commander';
import { consumerOperationsOf } from '../operations/consumer-operations.ts';
import { remoteOption } from '../operations/operations.ts';
import { needsYes } from '../output/needs-yes.ts';
import { print, printJson } from '../output/print.ts';
import { wholeNumber } from './numbers.ts';

interface RewindFlags {
  readonly to: number;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function addConsumerRewind(consumer: Command): void {
  consumer
    .command('rewind')
    .description('deliver again what follows a position; messages that were kept after it are forgotten; needs --yes')
    .argument('<name>', 'name of the consumer')
    .requiredOption('--to <position>', 'what follows it is delivered again; 0: everything', wholeNumber(0))
    .option('--yes', 'do it; without it, only say what would happen')
    .option('--dry-run', 'only say what would happen')
    .addOption(remoteOption())
    .option('--json', 'as one JSON document')
    .action(async (name: string, { to, yes = false, dryRun = false, json = false }: RewindFlags, command: Command) => {
      const operations = await consumerOperationsOf(command);
      const plan = planRewind(await operations.showConsumer(name), to);
      const runs = yes && !dryRun;
      const changed = runs ? await operations.rewindConsumer(name, to) : undefined;
      if (json) printJson(changed ?? { plan });
      else
        print(
          `${name} ${runs ? 'gets' : 'would get'} again what follows position ${to}: it was at ${plan.from}, the log ends at ${plan.head}.`,
        );
      if (!yes && !dryRun) needsYes('do it');
    });
}
