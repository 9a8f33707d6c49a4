import type { Command } from 'commander';
import { momentOperationsOf } from '../operations/moment-operations.ts';
import { remoteOption } from '../operations/operations.ts';
import { formatBytes } from '../output/format-bytes.ts';
import { formatTime } from '../output/format-job.ts';
import { print, printJson, printTable } from '../output/print.ts';

export function addReplayList(replay: Command): void {
  replay
    .command('list')
    .description('show the moments that are built, oldest position first')
    .addOption(remoteOption())
    .option('--json', 'as a JSON array')
    .action(async ({ json = false }: { readonly json?: boolean }, command: Command) => {
      const moments = await (await momentOperationsOf(command)).listMoments();
      if (json) return printJson(moments);
      if (moments.length === 0) return print('There are no moments. `kiroku replay --until <position or time>` builds one.');
      printTable(
        ['moment', 'position', 'recorded', 'projection', 'schema', 'size', 'built'],
        moments.flatMap(({ name, position, recordedAt, projections }) =>
          projections.map(({ projection, version, schema, bytes, builtAt }) => [
            name,
            String(position),
            formatTime(recordedAt),
            `${projection} version ${version}`,
            schema,
            formatBytes(bytes),
            builtAt === undefined ? 'not complete' : formatTime(builtAt),
          ]),
        ),
      );
    });
}
