import { exportEvents, openEventLog, outputFile, outputStream, positionOf } from '@kiroku/operations';
import type { Command } from 'commander';
import { exitCodes } from '../output/exit-codes.ts';
import { print, printError } from '../output/print.ts';
import { taskProgress } from '../output/task-progress.ts';
import { installationOf } from './global-options.ts';
import { onInterrupt } from './interrupts.ts';
import { untilOption } from './moments.ts';
import { wholeNumber } from './numbers.ts';

interface ExportFlags {
  readonly out: string;
  readonly fromPosition?: number;
  readonly toPosition?: number;
  readonly until?: number | string;
  readonly category?: readonly string[];
  readonly type?: readonly string[];
  readonly json?: boolean;
}

export function addEventsExport(events: Command): void {
  events
    .command('export')
    .description('write events as CloudEvents, one JSON object per line, in the order of the log')
    .option('--out <file>', 'where to; "-" is the standard output. A file has its name once it is whole', '-')
    .option('--from-position <n>', 'begin with this position (default: 1)', wholeNumber(1))
    .option('--to-position <n>', 'end with this position (default: the head, as of now)', wholeNumber(1))
    .addOption(untilOption().conflicts('toPosition'))
    .option('--category <name...>', 'only streams of these categories')
    .option('--type <name...>', 'only events of these types; such an export cannot be imported')
    .option('--json', 'the summary as one JSON object; on stderr if the events go to the standard output')
    .action(async (flags: ExportFlags, command: Command) => runExport(flags, command));
}

async function runExport(flags: ExportFlags, command: Command): Promise<void> {
  const { out, fromPosition, until, category, type, json = false } = flags;
  await using log = await openEventLog(await installationOf(command));
  const toPosition = until === undefined ? flags.toPosition : await positionOf(log.store, until);
  const output = out === '-' ? outputStream(process.stdout) : await outputFile(out);
  const stopped = new AbortController();
  const release = onInterrupt({ stop: () => stopped.abort(), force: () => process.exit(exitCodes.failed) });
  using progress = taskProgress('events export', 'positions');
  try {
    const summary = await exportEvents(log.store, {
      write: (lines) => output.write(lines),
      filter: { ...(category && { categories: category }), ...(type && { types: type }) },
      onProgress: ({ done, total }) => progress.show(done, total),
      signal: stopped.signal,
      ...(fromPosition !== undefined && { fromPosition }),
      ...(toPosition !== undefined && { toPosition }),
    });
    await output.finish();
    progress[Symbol.dispose]();
    const told = json ? JSON.stringify(summary) : summaryLine(summary, out);
    if (json && out !== '-') print(told);
    else printError(told);
  } catch (error) {
    await output.discard();
    throw error;
  } finally {
    release();
  }
}

function summaryLine({ events, bytes, sha256, fromPosition, toPosition }: Awaited<ReturnType<typeof exportEvents>>, out: string): string {
  const where = out === '-' ? '' : ` to ${out}`;
  return `${events.toLocaleString('en')} events of positions ${fromPosition} to ${toPosition}${where}: ${bytes.toLocaleString('en')} bytes, sha256 ${sha256}`;
}
