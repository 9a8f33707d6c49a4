import type { ConsumerStatus } from '@kiroku/operations';
import type { Command } from 'commander';
import { consumerOperationsOf } from '../operations/consumer-operations.ts';
import { remoteOption } from '../operations/operations.ts';
import { formatTime } from '../output/format-job.ts';
import { print, printError, printJson } from '../output/print.ts';
import { wholeNumber } from './numbers.ts';

interface RotateFlags {
  readonly overlapHours?: number;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function addConsumerRotateSecret(consumer: Command): void {
  consumer
    .command('rotate-secret')
    .description('sign with a new secret, which is shown this once; the one before is good for a while more')
    .argument('<name>', 'name of the consumer')
    .option('--overlap-hours <n>', 'sign with both for so long (default: 24; 0 if the old one got into wrong hands)', wholeNumber(0))
    .option('--dry-run', 'only say what would happen')
    .addOption(remoteOption())
    .option('--json', 'as one JSON document')
    .action(async (name: string, { overlapHours, dryRun = false, json = false }: RotateFlags, command: Command) => {
      const operations = await consumerOperationsOf(command);
      if (dryRun) return printPlan((await operations.showConsumer(name)).consumer, json);
      const rotated = await operations.rotateSecret(name, overlapHours);
      if (json) return printJson(rotated);
      const { secret, previousUntil } = rotated;
      print(`The secret of ${name} is ${secret}`);
      const before = previousUntil === undefined ? 'is not used any more' : `is used too until ${formatTime(previousUntil)} UTC`;
      printError(`Give it to the receiver now: it is not shown again. The one before ${before}.`);
    });
}

function printPlan({ name, previousSecretUntil }: ConsumerStatus, json: boolean): void {
  const before = previousSecretUntil === undefined ? '' : ' The one before that, which is used too now, would not be any more.';
  if (json) printJson({ name, dryRun: true, ...(previousSecretUntil !== undefined && { previousSecretUntil }) });
  else print(`${name} would get a new secret.${before}`);
}
