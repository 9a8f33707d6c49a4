import { openEventLog, showEvents } from '@kiroku/operations';
import type { Command } from 'commander';
import { formatEvent } from '../output/format-event.ts';
import { print, printJson } from '../output/print.ts';
import { installationOf } from './global-options.ts';

export function addEventsShow(events: Command): void {
  events
    .command('show')
    .description('show an event, or every event of a stream')
    .argument('<what>', 'a stream (order-0193…), an event id (UUID) or a position')
    .option('--json', 'as a JSON array')
    .action(async (what: string, { json = false }: { readonly json?: boolean }, command: Command) => {
      await using log = await openEventLog(await installationOf(command));
      const found = await showEvents(log, what);
      if (json) printJson(found);
      else for (const event of found) print(formatEvent(event));
    });
}
