import { readStats } from '@kiroku/operations';
import type { Command } from 'commander';
import { formatBytes } from '../output/format-bytes.ts';
import { formatTime } from '../output/format-job.ts';
import { print, printJson, printTable } from '../output/print.ts';
import { installationOf } from './global-options.ts';

interface StatsFlags {
  readonly exact?: boolean;
  readonly json?: boolean;
}

type Stats = Awaited<ReturnType<typeof readStats>>;

export function addEventsStats(events: Command): void {
  events
    .command('stats')
    .description(
      'show how many events and streams there are, of which types and categories, how fast they come and how much space they take',
    )
    .option('--exact', 'count every event; without, figures with ~ are estimated from a sample once the log is large')
    .option('--json', 'as one JSON document')
    .action(async ({ exact = false, json = false }: StatsFlags, command: Command) => {
      const stats = await readStats(await installationOf(command), { exact });
      if (json) printJson(stats);
      else printStats(stats);
    });
}

function printStats(stats: Stats): void {
  const { events, streams, tables, firstRecordedAt, lastRecordedAt } = stats;
  const bytes = tables.reduce((sum, { tableBytes, indexBytes }) => sum + tableBytes + indexBytes, 0);
  printTable(
    ['log', `${stats.log}, timeline ${stats.timeline}`],
    [
      ['events', count(events)],
      ['streams', figure(streams)],
      ['first', firstRecordedAt === undefined ? '-' : formatTime(firstRecordedAt)],
      ['last', lastRecordedAt === undefined ? '-' : formatTime(lastRecordedAt)],
      ['last hour', `${count(stats.lastHour)} (${(stats.lastHour / 3_600).toFixed(1)}/s)`],
      ['last 24 hours', `${count(stats.lastDay)} (${(stats.lastDay / 86_400).toFixed(1)}/s)`],
      ['on disk', events === 0 ? formatBytes(bytes) : `${formatBytes(bytes)} (${formatBytes(bytes / events)} an event)`],
    ],
  );
  print();
  printTable(
    ['category', 'events', 'streams'],
    stats.categories.map((row) => [row.category, figure(row.events), figure(row.streams)]),
  );
  print();
  printTable(
    ['type', 'events'],
    stats.types.map((row) => [row.type, figure(row.events)]),
  );
  print();
  printTable(
    ['table', 'data', 'indexes', 'partitions'],
    tables.map((row) => [
      row.table,
      formatBytes(row.tableBytes),
      formatBytes(row.indexBytes),
      row.partitions === 0 ? '-' : String(row.partitions),
    ]),
  );
}

function figure({ count: n, estimated }: Stats['streams']): string {
  return `${estimated ? '~' : ''}${count(n)}`;
}

function count(n: number): string {
  return n.toLocaleString('en');
}
