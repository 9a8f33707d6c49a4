import type { Command } from 'commander';
import { consumerOperationsOf } from '../operations/consumer-operations.ts';
import { remoteOption } from '../operations/operations.ts';
import { formatConsumer } from '../output/format-consumer.ts';
import { print, printJson } from '../output/print.ts';

export function addConsumerShow(consumer: Command): void {
  consumer
    .command('show')
    .description('show a consumer: what it gets, how far it is, what fails and why, and its oldest dead letters')
    .argument('<name>', 'name of the consumer')
    .addOption(remoteOption())
    .option('--json', 'as one JSON document')
    .action(async (name: string, { json = false }: { readonly json?: boolean }, command: Command) => {
      const shown = await (await consumerOperationsOf(command)).showConsumer(name);
      if (json) printJson(shown);
      else print(formatConsumer(shown));
    });
}
