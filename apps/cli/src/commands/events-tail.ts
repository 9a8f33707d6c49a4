import { type Application, KirokuError } from '@kiroku/core';
import { type EventLog, positionOf, tailEvents, undeclaredIn } from '@kiroku/operations';
import type { Command } from 'commander';
import { formatEventLine } from '../output/format-event.ts';
import { print, printError, printJsonLine } from '../output/print.ts';
import { revealOption, useEventLog } from './event-log.ts';
import { onInterrupt } from './interrupts.ts';
import { untilOption } from './moments.ts';
import { wholeNumber } from './numbers.ts';

interface TailFlags {
  readonly follow?: boolean;
  readonly fromPosition?: number;
  readonly until?: number | string;
  readonly category?: readonly string[];
  readonly type?: readonly string[];
  readonly limit?: number;
  readonly json?: boolean;
  readonly reveal?: boolean;
}

export function addEventsTail(events: Command): void {
  events
    .command('tail')
    .description('show the last events of the log')
    .option('-f, --follow', 'go on with events as they are appended, until Ctrl-C')
    .option('--from-position <n>', 'begin with this position instead', wholeNumber(1))
    .addOption(untilOption().conflicts('follow'))
    .option('--category <name...>', 'only streams of these categories')
    .option('--type <name...>', 'only events of these types')
    .option('--limit <n>', 'events at most (default: 20)', wholeNumber(1))
    .option('--json', 'one JSON object per line')
    .option(...revealOption)
    .action(async (flags: TailFlags, command: Command) => {
      const { json: _, reveal = false, ...looked } = flags;
      await useEventLog(command, { verb: 'events tail', arguments: looked, reveal }, (log, { config }) =>
        tail(log, config.application, flags),
      );
    });
}

async function tail(log: EventLog, application: Pick<Application, 'aggregates'>, flags: TailFlags): Promise<void> {
  const { follow = false, fromPosition, until, category, type, limit, json = false } = flags;
  const stopped = new AbortController();
  const release = onInterrupt({ stop: () => stopped.abort(), force: () => process.exit() });
  const filter = { ...(category && { categories: category }), ...(type && { types: type }) };
  const undeclared = undeclaredIn(application, filter);
  if (follow) for (const fault of undeclared) printError(fault); // it may wait for ever
  let count = 0;
  const options = {
    follow,
    filter,
    signal: stopped.signal,
    findLast: log.findLast,
    findLastIn: log.findLastIn,
    findLastOfIn: log.findLastOfIn,
    ...(fromPosition !== undefined && { fromPosition }),
    ...(until !== undefined && { until: await positionOf(log.store, until) }),
    ...(limit !== undefined && { limit }),
  };
  try {
    for await (const event of tailEvents(log.store, options)) {
      count += 1;
      if (json) printJsonLine(event);
      else print(formatEventLine(event, process.stdout.columns ?? 160));
    }
  } finally {
    release();
  }
  // only now: the log may have events that this code declares no more
  if (count === 0 && !follow && undeclared.length > 0) throw new KirokuError('BadRequest', undeclared.join(' '));
}
