import { type Command, Option } from 'commander';
import { remoteOption } from '../operations/operations.ts';
import { sagaOperationsOf } from '../operations/saga-operations.ts';
import { formatSagaRow, sagaColumns } from '../output/format-saga.ts';
import { print, printJson, printTable } from '../output/print.ts';
import { wholeNumber } from './numbers.ts';

interface ListFlags {
  readonly state?: (typeof states)[number];
  readonly processManager?: string;
  readonly limit: number;
  readonly json?: boolean;
}

const states = ['running', 'stuck', 'done', 'failed'] as const;

export function addSagaList(saga: Command): void {
  saga
    .command('list')
    .description('show the sagas that moved last')
    .addOption(new Option('--state <state>', 'only sagas in this state; stuck: running, with a parked command').choices(states))
    .option('--process-manager <name>', 'only of this process manager')
    .option('--limit <n>', 'sagas at most', wholeNumber(1), 20)
    .addOption(remoteOption())
    .option('--json', 'as a JSON array')
    .action(async ({ state, processManager, limit, json = false }: ListFlags, command: Command) => {
      const filter = { limit, ...(state && { status: state }), ...(processManager !== undefined && { processManager }) };
      const sagas = await (await sagaOperationsOf(command)).listSagas(filter);
      if (json) printJson(sagas);
      else if (sagas.length === 0) print('There are no such sagas.');
      else printTable(sagaColumns, sagas.map(formatSagaRow));
    });
}
