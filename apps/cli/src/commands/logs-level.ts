import { logLevels, type ProcessLogLevel } from '@kiroku/operations';
import { type Command, InvalidArgumentError } from 'commander';
import colors from 'picocolors';
import { type LogLevelToSet, logLevelOperationsOf } from '../operations/log-level-operations.ts';
import { remoteOption } from '../operations/operations.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { formatTime } from '../output/format-job.ts';
import { print, printJson, printTable } from '../output/print.ts';

interface LevelFlags {
  readonly for?: number;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const choices = [...logLevels, 'configured'] as const;

export function addLogsLevel(logs: Command): void {
  logs
    .command('level')
    .description('show the log levels of running services, or change one for a time; "all" means every service, "configured" is LOG_LEVEL')
    .argument('[service]', 'service, or "all"')
    .argument('[level]', choices.join(', '), levelOf)
    .option('--for <time>', 'until it falls back by itself: 30s, 10m, 2h, at most 24h (default: 10m)', secondsOf)
    .option('--dry-run', 'only say what would happen')
    .addOption(remoteOption())
    .option('--json', 'as a JSON array')
    .action(async (service: string | undefined, level: LogLevelToSet['level'] | undefined, _flags: LevelFlags, command: Command) => {
      const { for: forSeconds, dryRun = false, json = false } = command.optsWithGlobals<LevelFlags>(); // --json may be taken by `logs`
      const named = service === undefined || service === 'all' ? {} : { service };
      const operations = await logLevelOperationsOf(command);
      const change = level !== undefined && !dryRun;
      const levels = change
        ? await operations.changeLogLevels({ ...named, level, ...(forSeconds !== undefined && { forSeconds }) })
        : await operations.listLogLevels(named.service);
      if (json) printJson(levels);
      else printTable(['service', 'level', 'configured', 'until', 'url'], levels.map(levelRow));
      if (level !== undefined && dryRun && !json) print(`\nThe level would be ${level}. Leave out --dry-run to change it.`);
      if (levels.some((each) => each.level === undefined)) process.exitCode = exitCodes.failed;
    });
}

function levelRow({ service, level, configured = '-', until, url, reason }: ProcessLogLevel): readonly string[] {
  const shown = level === undefined ? colors.red(`unreachable: ${reason ?? 'it gave no reason'}`) : level;
  return [
    service,
    level !== configured && level !== undefined ? colors.yellow(shown) : shown,
    configured,
    until === undefined ? '-' : formatTime(until),
    url,
  ];
}

function levelOf(text: string): LogLevelToSet['level'] {
  const found = choices.find((choice) => choice === text.toLowerCase());
  if (found !== undefined) return found;
  throw new InvalidArgumentError(`It must be one of ${choices.join(', ')}.`);
}

const units: { readonly [unit: string]: number | undefined } = { s: 1, m: 60, h: 3_600 };

function secondsOf(text: string): number {
  const [, count, unit = ''] = /^([0-9]{1,5})([smh])$/.exec(text) ?? [];
  const seconds = Number(count) * (units[unit] ?? Number.NaN);
  if (seconds >= 1 && seconds <= 86_400) return seconds;
  throw new InvalidArgumentError('It must be a time from 1s to 24h: 30s, 10m, 2h.');
}
