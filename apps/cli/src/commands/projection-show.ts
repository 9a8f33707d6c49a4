import type { Command } from 'commander';
import { operationsOf, remoteOption } from '../operations/operations.ts';
import { formatProjection } from '../output/format-projection.ts';
import { print, printJson } from '../output/print.ts';

export function addProjectionShow(projection: Command): void {
  projection
    .command('show')
    .description('show all about a projection: versions, builds, partitions and who follows them, tables, parked keys')
    .argument('<name>', 'name of the projection')
    .addOption(remoteOption())
    .option('--json', 'as one JSON document')
    .action(async (name: string, { json = false }: { readonly json?: boolean }, command: Command) => {
      const shown = await (await operationsOf(command)).showProjection(name);
      if (json) printJson(shown);
      else print(formatProjection(shown));
    });
}
