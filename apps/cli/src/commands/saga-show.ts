import type { Command } from 'commander';
import { remoteOption } from '../operations/operations.ts';
import { sagaOperationsOf } from '../operations/saga-operations.ts';
import { formatSaga } from '../output/format-saga.ts';
import { print, printJson } from '../output/print.ts';
import { wholeNumber } from './numbers.ts';

interface ShowFlags {
  readonly processManager?: string;
  readonly lines: number;
  readonly before?: number;
  readonly json?: boolean;
}

export function addSagaShow(saga: Command): void {
  saga
    .command('show')
    .description('show a saga: where it stands, what it waits for, and the end of its timeline')
    .argument('<id>', 'id of the saga, e.g. of the order')
    .option('--process-manager <name>', 'which one, if several have a saga of this id')
    .option('--lines <n>', 'lines of the timeline at most', wholeNumber(0), 200)
    .option('--before <n>', 'only lines before this number, to go on where those shown begin', wholeNumber(0))
    .addOption(remoteOption())
    .option('--json', 'as one JSON document')
    .action(async (id: string, { json = false, ...part }: ShowFlags, command: Command) => {
      const shown = await (await sagaOperationsOf(command)).showSaga({ id, ...partOf(part) });
      if (json) printJson(shown);
      else print(formatSaga(shown));
    });
}

/** What of a saga is asked for; commander hands on more. */
function partOf({ processManager, lines, before }: Omit<ShowFlags, 'json'>) {
  return { lines, ...(processManager !== undefined && { processManager }), ...(before !== undefined && { before }) };
}
