import { KirokuError } from '@kiroku/core';
import { fieldsOf, hasLog, type LogEntry, logFilter, logServices, readLogs } from '@kiroku/operations';
import { type Command, InvalidArgumentError } from 'commander';
import { formatLogEntry, readableLogEntry } from '../output/format-log-entry.ts';
import { print, printError, printJsonLine } from '../output/print.ts';
import { installationOf } from './global-options.ts';
import { onInterrupt } from './interrupts.ts';
import { addLogsLevel } from './logs-level.ts';
import { moment } from './moments.ts';
import { wholeNumber } from './numbers.ts';

interface LogsFlags {
  readonly follow?: boolean;
  readonly tail?: number | 'all';
  readonly level?: string;
  readonly since?: string;
  readonly grep?: string;
  readonly correlation?: string;
  readonly json?: boolean;
}

const defaultTail = 100;

export function addLogs(program: Command): void {
  const logs = program
    .command('logs')
    .argument('[service]', 'only of this service')
    .option('-f, --follow', 'go on with lines as they are written, until Ctrl-C')
    .option('-n, --tail <n>', `the last lines, or "all" (default: ${defaultTail}; with --since all)`, linesToShow)
    .option('--level <level>', 'at least this level: trace, debug, info, warn, error, fatal', checked('level'))
    .option('--since <when>', 'not before: 30m, 24h, 2026-11-24, 2026-11-24T10:00:00Z', (text) => moment(text))
    .option('--grep <expression>', 'only lines with a match for this regular expression, as stored or as shown', checked('grep'))
    .option('--correlation <id>', 'only lines of this request, in every service')
    .option('--json', 'one JSON object per line')
    .action(async (service: string | undefined, flags: LogsFlags, command: Command) => showLogs(service, flags, command));
  addLogsLevel(logs);
}

async function showLogs(service: string | undefined, flags: LogsFlags, command: Command): Promise<void> {
  const { follow = false, tail, level, since, grep, correlation: correlationId, json = false } = flags;
  const { config, dataDirectory } = await installationOf(command);
  const names = config.services.map(({ name }) => name);
  const services = logServices(names, service);
  const filter = {
    ...(level !== undefined && { level }),
    ...(since !== undefined && { since }),
    ...(grep !== undefined && { grep }),
    ...(correlationId !== undefined && { correlationId }),
  };
  const shown = tail ?? (since === undefined ? defaultTail : 'all');
  const stopped = new AbortController();
  const release = onInterrupt({ stop: () => stopped.abort(), force: () => process.exit() });
  const lines = readLogs({
    dataDirectory,
    services,
    wanted: logFilter(filter, readableLogEntry),
    follow,
    signal: stopped.signal,
    ...(since !== undefined && { since }),
    ...(shown !== 'all' && { tail: shown }),
  });
  let count = 0;
  try {
    for await (const entry of lines) {
      if (stopped.signal.aborted) break;
      count += 1;
      if (json) printJsonLine(asJson(entry));
      else print(formatLogEntry(entry));
      await drained();
    }
  } finally {
    release();
  }
  if (count > 0 || follow) return;
  await requireSomeLog(dataDirectory, services);
  if (!json) printError(`There are no such lines in ${dataDirectory}/logs.`);
}

/** Services that somebody starts by hand write where their LOG_FILE says, or to their output. */
async function requireSomeLog(dataDirectory: string, services: readonly string[]): Promise<void> {
  const [example = 'SERVICE'] = services;
  for (const service of services) if (await hasLog(dataDirectory, service)) return;
  throw new KirokuError(
    'NotFound',
    `There is no log of ${services.join(', ')} in ${dataDirectory}/logs, where \`kiroku up\` has services write. For services that are started otherwise, set their LOG_FILE to DIRECTORY/logs/${example}.log, and KIROKU_DATA_DIR to DIRECTORY here.`,
  );
}

/** As it was logged; what is no JSON as its message. */
function asJson(entry: LogEntry): object {
  const { service, time, level, text } = entry;
  const at = time === undefined ? {} : { time: new Date(time).toISOString() };
  return fieldsOf(entry) ?? { level, ...at, service, msg: text, raw: true };
}

/** A reader that is slower than the logs must not make us hold them all. */
async function drained(): Promise<void> {
  if (process.stdout.writableNeedDrain && !process.stdout.destroyed)
    await new Promise<void>((resolve) => {
      process.stdout.once('drain', resolve);
      process.stdout.once('close', resolve);
    });
}

function linesToShow(text: string): number | 'all' {
  return text === 'all' ? text : wholeNumber(0)(text);
}

/** Refuses on the command line what the filter would. */
function checked(part: 'level' | 'grep'): (text: string) => string {
  return (text) => {
    try {
      logFilter({ [part]: text }, readableLogEntry);
      return text;
    } catch (error) {
      throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
    }
  };
}
