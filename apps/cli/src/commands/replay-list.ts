import { type Moment, momentPlace } from '@kiroku/operations';
import type { Command } from 'commander';
import { momentOperationsOf } from '../operations/moment-operations.ts';
import { remoteOption } from '../operations/operations.ts';
import { formatBytes } from '../output/format-bytes.ts';
import { formatTime } from '../output/format-job.ts';
import { tellMore } from '../output/more.ts';
import { print, printJson, printTable } from '../output/print.ts';
import { wholeNumber } from './numbers.ts';

interface ListFlags {
  readonly limit: number;
  readonly after?: string;
  readonly json?: boolean;
}

export function addReplayList(replay: Command): void {
  replay
    .command('list')
    .description('show the moments that are built, oldest position first')
    .option('--limit <n>', 'moments at most', wholeNumber(1), 100)
    .option('--after <place>', 'go on where a list before ended, as it says at its end')
    .addOption(remoteOption())
    .option('--json', 'as a JSON array')
    .action(async ({ limit, after, json = false }: ListFlags, command: Command) => {
      const moments = await (await momentOperationsOf(command)).listMoments({ limit, ...(after !== undefined && { after }) });
      if (json) printJson(moments);
      else if (moments.length > 0) printTable(columns, moments.flatMap(formatRows));
      else if (after !== undefined) print('There are no more moments.');
      else print('There are no moments. `kiroku replay --until <position or time>` builds one.');
      tellMore('--after', { entries: moments, limit, json, placeOf: momentPlace });
    });
}

const columns = ['moment', 'position', 'recorded', 'projection', 'schema', 'size', 'built'];

function formatRows({ name, position, recordedAt, projections }: Moment): readonly (readonly string[])[] {
  return projections.map(({ projection, version, schema, bytes, builtAt }) => [
    name,
    String(position),
    formatTime(recordedAt),
    `${projection} version ${version}`,
    schema,
    formatBytes(bytes),
    builtAt === undefined ? 'not complete' : formatTime(builtAt),
  ]);
}
