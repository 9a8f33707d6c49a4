import { type DeadLetterChoice, letterPlace, mostLetters, planDeadLetters } from '@kiroku/operations';
import { type Command, InvalidArgumentError } from 'commander';
import { consumerOperationsOf } from '../operations/consumer-operations.ts';
import { remoteOption } from '../operations/operations.ts';
import { deadLetterColumns, formatDeadLetterRow } from '../output/format-consumer.ts';
import { tellMore } from '../output/more.ts';
import { needsYes, reasonAndYes } from '../output/needs-yes.ts';
import { print, printJson, printTable } from '../output/print.ts';
import { wholeNumber } from './numbers.ts';

export function addConsumerDead(consumer: Command): void {
  const dead = consumer.command('dead').description('look at and settle dead letters: messages that are tried no more');
  addList(dead);
  addSettling(dead, 'retry', 'try dead letters again, as if they had never failed');
  addSettling(
    dead,
    'discard',
    'leave the events out at the consumer for good, and go on with what waits behind them; needs --reason and --yes',
  );
}

interface ListFlags {
  readonly limit: number;
  readonly after?: string;
  readonly json?: boolean;
}

function addList(dead: Command): void {
  dead
    .command('list')
    .description('show dead letters, oldest first: the event, why it failed, and how many wait behind it')
    .argument('[name]', 'only those of this consumer')
    .option('--limit <n>', 'letters at most', wholeNumber(1), 100)
    .option('--after <place>', 'go on where a list before ended, as it says at its end')
    .addOption(remoteOption())
    .option('--json', 'as a JSON array')
    .action(async (name: string | undefined, { limit, after, json = false }: ListFlags, command: Command) => {
      const operations = await consumerOperationsOf(command);
      const filter = { limit, ...(name !== undefined && { consumer: name }), ...(after !== undefined && { after }) };
      const letters = await operations.listDeadLetters(filter);
      if (json) printJson(letters);
      else if (letters.length === 0) print(after === undefined ? 'There are no dead letters.' : 'There are no more dead letters.');
      else printTable(deadLetterColumns, letters.map(formatDeadLetterRow));
      tellMore('--after', { entries: letters, limit, json, placeOf: letterPlace });
    });
}

interface SettleFlags {
  readonly all?: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

function addSettling(dead: Command, verb: DeadLetterChoice['verb'], description: string): void {
  const settling = dead
    .command(verb)
    .description(description)
    .argument('<name>', 'name of the consumer')
    .argument('[position...]', 'positions as `dead list` shows them', positions)
    .option('--all', 'all of the consumer');
  if (verb === 'discard') settling.option('--yes', 'do it; without it, only say which');
  settling
    .option('--dry-run', 'only say which')
    .addOption(remoteOption())
    .option('--json', 'as a JSON array')
    .action(async (name: string, given: readonly number[] | undefined, flags: SettleFlags, command: Command) => {
      const chosen = given ?? [];
      if ((flags.all ?? false) === chosen.length > 0) command.error('error: give the positions, or --all');
      await settle(command, { name, verb, positions: chosen.length > 0 ? chosen : 'all' }, flags);
    });
}

async function settle(command: Command, choice: DeadLetterChoice, flags: SettleFlags): Promise<void> {
  const { yes = choice.verb === 'retry', dryRun = false, json = false } = flags;
  const operations = await consumerOperationsOf(command);
  const runs = yes && !dryRun;
  const letters = runs
    ? await operations.settleDeadLetters(choice)
    : planDeadLetters(await operations.listDeadLetters({ consumer: choice.name, limit: mostLetters }), choice);
  if (json) printJson(letters);
  else if (letters.length === 0) print('There are no such dead letters.');
  else for (const { position, stream, eventType } of letters) print(`${told(choice.verb, runs)}  ${position}  ${eventType} of ${stream}`);
  if (!yes && !dryRun && letters.length > 0) needsYes(`${choice.verb} them`, reasonAndYes);
}

function told(verb: DeadLetterChoice['verb'], done: boolean): string {
  if (!done) return `would ${verb}`;
  return verb === 'retry' ? 'is tried again' : 'discarded';
}

function positions(text: string, before: readonly number[] = []): readonly number[] {
  if (/^[1-9][0-9]{0,15}$/.test(text)) return [...before, Number(text)];
  throw new InvalidArgumentError('It must be a position.');
}
