import type { Command } from 'commander';
import { remoteOption } from '../operations/operations.ts';
import { sagaOperationsOf } from '../operations/saga-operations.ts';
import { formatSaga } from '../output/format-saga.ts';
import { print, printJson } from '../output/print.ts';

interface ShowFlags {
  readonly processManager?: string;
  readonly json?: boolean;
}

export function addSagaShow(saga: Command): void {
  saga
    .command('show')
    .description('show a saga: where it stands, its timeline, and what it waits for')
    .argument('<id>', 'id of the saga, e.g. of the order')
    .option('--process-manager <name>', 'which one, if several have a saga of this id')
    .addOption(remoteOption())
    .option('--json', 'as one JSON document')
    .action(async (id: string, { processManager, json = false }: ShowFlags, command: Command) => {
      const shown = await (await sagaOperationsOf(command)).showSaga(id, processManager);
      if (json) printJson(shown);
      else print(formatSaga(shown));
    });
}
