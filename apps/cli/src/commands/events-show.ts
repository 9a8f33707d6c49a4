import { type EventLog, showEvents } from '@kiroku/operations';
import type { Command } from 'commander';
import { formatCauses } from '../output/format-causes.ts';
import { formatEvent } from '../output/format-event.ts';
import { print, printError, printJson } from '../output/print.ts';
import { revealOption, useEventLog } from './event-log.ts';
import { wholeNumber } from './numbers.ts';

interface ShowFlags {
  readonly causes?: boolean;
  readonly fromVersion?: number;
  readonly limit?: number;
  readonly json?: boolean;
  readonly reveal?: boolean;
}

export function addEventsShow(events: Command): void {
  events
    .command('show')
    .description('show an event, the events of a stream, or what led to what in a correlation')
    .argument('<what>', 'a position, an event id, a stream (order-0193…), a correlation id or a command id')
    .option('--causes', 'of an event: the tree of causes in which it stands')
    .option('--from-version <n>', 'of a stream: begin with this version', wholeNumber(1))
    .option('--limit <n>', 'of a stream: events at most (default: 1000)', wholeNumber(1))
    .option('--json', 'events as a JSON array, a tree as one JSON document')
    .option(...revealOption)
    .action(async (what: string, flags: ShowFlags, command: Command) => {
      const { causes = false, reveal = false } = flags;
      const use = { verb: 'events show', arguments: { what, causes }, reveal };
      await useEventLog(command, use, (log) => show(log, what, flags));
    });
}

async function show(log: EventLog, what: string, { json = false, ...flags }: ShowFlags): Promise<void> {
  const shown = await showEvents(log, what, optionsOf(flags));
  if (shown.kind === 'events') {
    if (json) printJson(shown.events);
    else for (const event of shown.events) print(formatEvent(event));
    if (shown.next !== undefined) printError(`The stream goes on: --from-version ${shown.next}`);
    return;
  }
  const { correlationId, tree, traces, cut, withoutRefused } = shown;
  if (json) printJson({ correlationId, tree, traces, cut, withoutRefused });
  else print([formatCauses(tree), ...traces.map((id) => `trace ${id}`)].join('\n'));
  if (withoutRefused) printError('command_db cannot be read, so commands that were refused are not shown.');
  if (cut) printError(`There are more events with the correlation id ${correlationId}: these are the first.`);
}

function optionsOf({ causes = false, fromVersion, limit }: ShowFlags) {
  return { causes, ...(fromVersion !== undefined && { fromVersion }), ...(limit !== undefined && { limit }) };
}
