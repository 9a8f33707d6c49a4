import { firstOfTables, type RowDifference, type TableDifference } from '@kiroku/operations';
import type { Command } from 'commander';
import { momentOperationsOf } from '../operations/moment-operations.ts';
import { type RemoteFlag, remoteOption } from '../operations/operations.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { formatDifference } from '../output/format-difference.ts';
import { print, printError, printJsonLine, printTable } from '../output/print.ts';
import { onInterrupt } from './interrupts.ts';
import { wholeNumber } from './numbers.ts';

interface DiffFlags extends RemoteFlag {
  readonly limit: number;
  readonly json?: boolean;
}

/** Rows of each table that come through a gateway. */
const mostRemote = 100_000;

export function addReplayDiff(replay: Command): void {
  replay
    .command('diff')
    .description('show which rows differ between two moments, or a moment and now')
    .argument('<before>', 'name of a moment, or `live`')
    .argument('<after>', 'name of a moment, or `live`')
    .argument('[name...]', 'names of projections (default: all that both have)')
    .option('--limit <n>', 'rows shown of each table', wholeNumber(0), 20)
    .addOption(remoteOption())
    .option('--json', 'every differing row, as one JSON object per line; the counts go to stderr')
    .action(async (before: string, after: string, names: string[], flags: DiffFlags, command: Command) =>
      runDiff(command, { before, after, names }, flags),
    );
}

async function runDiff(
  command: Command,
  sides: { readonly before: string; readonly after: string; readonly names: readonly string[] },
  { limit, json = false, remote }: DiffFlags,
): Promise<void> {
  const stopped = new AbortController();
  const release = onInterrupt({ stop: () => stopped.abort(), force: () => process.exit(exitCodes.failed) });
  const onDifferences = json ? (differences: readonly RowDifference[]) => differences.forEach(printJsonLine) : showFirst(limit);
  const most = json ? mostRemote : limit;
  try {
    const operations = await momentOperationsOf(command);
    const tables = await operations.diffMoments({ ...sides, onDifferences, limit: most, signal: stopped.signal });
    if (!json) printCounts(tables, limit);
    else {
      printError(JSON.stringify(tables));
      if (remote !== undefined && tables.some((table) => differing(table) > most))
        printError(`Of each table the first ${most} rows came through the gateway. Without --remote it is all of them.`);
    }
  } finally {
    release();
  }
}

function showFirst(limit: number): (differences: readonly RowDifference[]) => void {
  const first = firstOfTables(limit);
  return (differences) => {
    for (const difference of first(differences)) print(formatDifference(difference));
  };
}

function printCounts(tables: readonly TableDifference[], limit: number): void {
  const touched = tables.filter((table) => differing(table) > 0);
  if (touched.length === 0) {
    print('No row differs.');
    return;
  }
  print();
  printTable(
    ['table', 'added', 'removed', 'changed'],
    touched.map(({ projection, table, ...counts }) => [
      `${projection}.${table}`,
      ...[counts.added, counts.removed, counts.changed].map((count) => count.toLocaleString('en')),
    ]),
  );
  if (touched.some((table) => differing(table) > limit)) {
    print(`Of each table the first ${limit} rows are shown: --limit shows more, --json all.`);
  }
}

function differing({ added, removed, changed }: TableDifference): number {
  return added + removed + changed;
}
