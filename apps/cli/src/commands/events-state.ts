import { type Command, Option } from 'commander';
import { remoteOption } from '../operations/operations.ts';
import { streamOperationsOf } from '../operations/stream-operations.ts';
import { printJson } from '../output/print.ts';
import { revealOption } from './event-log.ts';
import { positionOrMoment } from './moments.ts';
import { wholeNumber } from './numbers.ts';

interface StateFlags {
  readonly atVersion?: number;
  readonly at?: number | string;
  readonly reveal?: boolean;
}

export function addEventsState(events: Command): void {
  events
    .command('state')
    .description('show the state of one stream, now or as of any version or moment, folded from its events; as one JSON document')
    .argument('<stream>', 'a stream (order-0193…)')
    .addOption(new Option('--at-version <n>', 'up to this version of the stream').argParser(wholeNumber(1)).conflicts('at'))
    .addOption(new Option('--at <position or time>', 'up to this position of the log, or as of this time').argParser(positionOrMoment))
    .option(...revealOption)
    .addOption(remoteOption())
    .action(async (stream: string, { atVersion, at, reveal = false }: StateFlags, command: Command) => {
      const wanted = { stream, ...(atVersion !== undefined && { version: atVersion }), ...(at !== undefined && { at }) };
      printJson(await (await streamOperationsOf(command)).stateOfStream(wanted, { reveal }));
    });
}
