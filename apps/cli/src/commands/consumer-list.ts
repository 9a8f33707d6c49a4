import { consumerNeedsAttention } from '@kiroku/operations';
import type { Command } from 'commander';
import { consumerOperationsOf } from '../operations/consumer-operations.ts';
import { remoteOption } from '../operations/operations.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { consumerColumns, formatConsumerRow } from '../output/format-consumer.ts';
import { print, printJson, printTable } from '../output/print.ts';

interface ListFlags {
  readonly check?: boolean;
  readonly json?: boolean;
}

export function addConsumerList(consumer: Command): void {
  consumer
    .command('list')
    .description('show every outside consumer: how it is, how far behind the log, what waits and what is dead')
    .option('--check', 'exit code 1 if one is failing, is nobody’s, or has dead letters')
    .addOption(remoteOption())
    .option('--json', 'as a JSON array')
    .action(async ({ check = false, json = false }: ListFlags, command: Command) => {
      const consumers = await (await consumerOperationsOf(command)).listConsumers();
      if (json) printJson(consumers);
      else if (consumers.length === 0) print('There are no consumers. `kiroku consumer add` registers one.');
      else printTable(consumerColumns, consumers.map(formatConsumerRow));
      if (check && consumers.some(consumerNeedsAttention)) process.exitCode = exitCodes.failed;
    });
}
