import type { Command } from 'commander';
import { consumerOperationsOf } from '../operations/consumer-operations.ts';
import { remoteOption } from '../operations/operations.ts';
import { formatTime } from '../output/format-job.ts';
import { print, printError, printJson } from '../output/print.ts';
import { wholeNumber } from './numbers.ts';

interface RotateFlags {
  readonly overlapHours?: number;
  readonly json?: boolean;
}

export function addConsumerRotateSecret(consumer: Command): void {
  consumer
    .command('rotate-secret')
    .description('sign with a new secret, which is shown this once; the one before is good for a while more')
    .argument('<name>', 'name of the consumer')
    .option('--overlap-hours <n>', 'sign with both for so long (default: 24; 0 if the old one got into wrong hands)', wholeNumber(0))
    .addOption(remoteOption())
    .option('--json', 'as one JSON document')
    .action(async (name: string, { overlapHours, json = false }: RotateFlags, command: Command) => {
      const rotated = await (await consumerOperationsOf(command)).rotateSecret(name, overlapHours);
      if (json) return printJson(rotated);
      const { secret, previousUntil } = rotated;
      print(`The secret of ${name} is ${secret}`);
      const before = previousUntil === undefined ? 'is not used any more' : `is used too until ${formatTime(previousUntil)} UTC`;
      printError(`Give it to the receiver now: it is not shown again. The one before ${before}.`);
    });
}
