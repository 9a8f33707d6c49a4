import { sagaPlace } from '@kiroku/operations';
import { type Command, Option } from 'commander';
import { remoteOption } from '../operations/operations.ts';
import { sagaOperationsOf } from '../operations/saga-operations.ts';
import { formatSagaRow, sagaColumns } from '../output/format-saga.ts';
import { tellMore } from '../output/more.ts';
import { print, printJson, printTable } from '../output/print.ts';
import { moment } from './moments.ts';
import { wholeNumber } from './numbers.ts';

interface ListFlags {
  readonly state?: (typeof states)[number];
  readonly processManager?: string;
  readonly before?: string;
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
    .option(
      '--before <place>',
      'go on where a list before ended, as it says at its end; or those that moved before 7d, 2026-11-24T10:00:00Z',
      placeOrMoment,
    )
    .option('--limit <n>', 'sagas at most', wholeNumber(1), 20)
    .addOption(remoteOption())
    .option('--json', 'as a JSON array')
    .action(async ({ json = false, ...flags }: ListFlags, command: Command) => {
      const sagas = await (await sagaOperationsOf(command)).listSagas(filterOf(flags));
      if (json) printJson(sagas);
      else if (sagas.length === 0) print('There are no such sagas.');
      else printTable(sagaColumns, sagas.map(formatSagaRow));
      tellMore('--before', { entries: sagas, limit: flags.limit, json, placeOf: sagaPlace });
    });
}

function filterOf({ state, processManager, before, limit }: Omit<ListFlags, 'json'>) {
  return {
    limit,
    ...(state && { status: state }),
    ...(processManager !== undefined && { processManager }),
    ...(before !== undefined && { before }),
  };
}

/** A place has commas, no moment has. */
function placeOrMoment(text: string): string {
  return text.includes(',') ? text : moment(text);
}
