import { needsAttention } from '@kiroku/operations';
import type { Command } from 'commander';
import { operationsOf, remoteOption } from '../operations/operations.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { formatProjectionRow, formatUnseen, projectionColumns } from '../output/format-projection.ts';
import { print, printError, printJson, printTable } from '../output/print.ts';

interface ListFlags {
  readonly check?: boolean;
  readonly json?: boolean;
}

export function addProjectionList(projection: Command): void {
  projection
    .command('list')
    .description(
      'show every version of every projection: how it is, how far behind the log, what is parked, who follows it; exit code 3 if the log is away, so that it is not known how far behind they are',
    )
    .option('--check', 'exit code 1 if one, or a build kept beside it, is stalled, or if it is orphaned or not built, or has parked keys')
    .addOption(remoteOption())
    .option('--json', 'as a JSON array')
    .action(async ({ check = false, json = false }: ListFlags, command: Command) => {
      const statuses = await (await operationsOf(command)).listProjections();
      if (json) printJson(statuses);
      else if (statuses.length === 0) print('There are no projections.');
      else printTable(projectionColumns, statuses.map(formatProjectionRow));
      const unseen = formatUnseen(statuses);
      for (const each of unseen) printError(each);
      if (unseen.length > 0) process.exitCode = exitCodes.degraded;
      if (check && needsAttention(statuses)) process.exitCode = exitCodes.failed;
    });
}
