import type { Command } from 'commander';
import { remoteOption } from '../operations/operations.ts';
import { sagaOperationsOf } from '../operations/saga-operations.ts';
import { formatStatsRow, statsColumns } from '../output/format-saga.ts';
import { print, printJson, printTable } from '../output/print.ts';

export function addSagaStats(saga: Command): void {
  saga
    .command('stats')
    .description('count sagas: started, completed, compensated, failed, stuck, and the age of the oldest that runs')
    .addOption(remoteOption())
    .option('--json', 'as a JSON array')
    .action(async ({ json = false }: { readonly json?: boolean }, command: Command) => {
      const stats = await (await sagaOperationsOf(command)).sagaStats();
      if (json) printJson(stats);
      else if (stats.length === 0) print('No saga has been started.');
      else
        printTable(
          statsColumns,
          stats.map((each) => formatStatsRow(each, Date.now())),
        );
    });
}
