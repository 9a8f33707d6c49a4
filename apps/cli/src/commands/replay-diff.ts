import { diffMoments, type RowDifference, type TableDifference } from '@kiroku/operations';
import type { Command } from 'commander';
import { formatDifference } from '../output/format-difference.ts';
import { print, printError, printJsonLine, printTable } from '../output/print.ts';
import { onInterrupt } from './interrupts.ts';
import { wholeNumber } from './numbers.ts';
import { useReplay } from './replay-stores.ts';

interface DiffFlags {
  readonly limit: number;
  readonly json?: boolean;
}

export function addReplayDiff(replay: Command): void {
  replay
    .command('diff')
    .description('show which rows differ between two moments, or a moment and now')
    .argument('<before>', 'name of a moment, or `live`')
    .argument('<after>', 'name of a moment, or `live`')
    .argument('[name...]', 'names of projections (default: all that both have)')
    .option('--limit <n>', 'rows shown of each table', wholeNumber(0), 20)
    .option('--json', 'every differing row, as one JSON object per line; the counts go to stderr')
    .action(async (before: string, after: string, names: string[], flags: DiffFlags, command: Command) =>
      runDiff(command, { before, after, names }, flags),
    );
}

async function runDiff(
  command: Command,
  sides: { readonly before: string; readonly after: string; readonly names: readonly string[] },
  { limit, json = false }: DiffFlags,
): Promise<void> {
  const stopped = new AbortController();
  const release = onInterrupt({ stop: () => stopped.abort(), force: () => process.exit() });
  const show = json ? (differences: readonly RowDifference[]) => differences.forEach(printJsonLine) : showFirst(limit);
  try {
    const tables = await useReplay(command, (stores) => diffMoments(stores, { ...sides, onDifferences: show, signal: stopped.signal }));
    if (json) printError(JSON.stringify(tables));
    else printCounts(tables, limit);
  } finally {
    release();
  }
}

function showFirst(limit: number): (differences: readonly RowDifference[]) => void {
  const shown = new Map<string, number>();
  return (differences) => {
    for (const difference of differences) {
      const table = `${difference.projection}.${difference.table}`;
      const count = shown.get(table) ?? 0;
      if (count < limit) print(formatDifference(difference));
      shown.set(table, count + 1);
    }
  };
}

function printCounts(tables: readonly TableDifference[], limit: number): void {
  const differing = tables.filter(({ added, removed, changed }) => added + removed + changed > 0);
  if (differing.length === 0) {
    print('No row differs.');
    return;
  }
  print();
  printTable(
    ['table', 'added', 'removed', 'changed'],
    differing.map(({ projection, table, ...counts }) => [
      `${projection}.${table}`,
      ...[counts.added, counts.removed, counts.changed].map((count) => count.toLocaleString('en')),
    ]),
  );
  if (differing.some(({ added, removed, changed }) => added + removed + changed > limit)) {
    print(`Of each table the first ${limit} rows are shown: --limit shows more, --json all.`);
  }
}
