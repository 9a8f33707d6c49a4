import type { ParkedKey } from '@kiroku/core';
import { type ParkedChoice, type ParkedVerb, parkedPlace, planParked, type SettledKey } from '@kiroku/operations';
import type { Command } from 'commander';
import { type Operations, operationsOf, remoteOption } from '../operations/operations.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { formatParkedLine, formatParkedRow, formatSettled, parkedColumns } from '../output/format-projection.ts';
import { tellMore } from '../output/more.ts';
import { needsYes, reasonAndYes } from '../output/needs-yes.ts';
import { print, printJson, printTable } from '../output/print.ts';
import { wholeNumber } from './numbers.ts';

export function addProjectionParked(projection: Command): void {
  const parked = projection.command('parked').description('look at and settle keys whose events could not be folded');
  addList(parked);
  addRetry(parked);
  addLeavingOut(parked, 'skip', 'leave out the event that failed, and fold those that wait behind it; needs --reason and --yes');
  addLeavingOut(parked, 'discard', 'leave out all parked events of a key: its row goes on from the next; needs --reason and --yes');
}

interface ListFlags {
  readonly limit: number;
  readonly after?: string;
  readonly json?: boolean;
}

function addList(parked: Command): void {
  parked
    .command('list')
    .description('show parked keys, oldest first: the event that failed, why, and how many wait behind it')
    .argument('[name]', 'only those of this projection')
    .option('--limit <n>', 'keys at most', wholeNumber(1), 100)
    .option('--after <place>', 'go on where a list before ended, as it says at its end')
    .addOption(remoteOption())
    .option('--json', 'as a JSON array, with the stack of each fault')
    .action(async (name: string | undefined, { limit, after, json = false }: ListFlags, command: Command) => {
      const filter = { limit, ...(name !== undefined && { projection: name }), ...(after !== undefined && { after }) };
      const keys = await (await operationsOf(command)).listParkedKeys(filter);
      if (json) printJson(keys);
      else if (keys.length === 0) print(after === undefined ? 'Nothing is parked.' : 'Nothing more is parked.');
      else printTable(parkedColumns, keys.map(formatParkedRow));
      tellMore('--after', { entries: keys, limit, json, placeOf: parkedPlace });
    });
}

interface SettleFlags {
  readonly all?: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

function addRetry(parked: Command): void {
  parked
    .command('retry')
    .description('fold parked events again, with the code of this installation; exit code 1 if a key stays parked')
    .argument('<name>', 'name of the projection')
    .argument('[key...]', 'keys as `parked list` shows them')
    .option('--all', 'all keys of the projection')
    .option('--dry-run', 'only say which')
    .addOption(remoteOption())
    .option('--json', 'as a JSON array')
    .action(async (name: string, keys: readonly string[], flags: SettleFlags, command: Command) => {
      if ((flags.all ?? false) === keys.length > 0) command.error('error: give the keys to retry, or --all');
      const choice: ParkedChoice = { projection: name, verb: 'retry', keys: keys.length > 0 ? keys : 'all' };
      await settle(await operationsOf(command), choice, { ...flags, yes: true });
    });
}

function addLeavingOut(parked: Command, verb: Exclude<ParkedVerb, 'retry'>, description: string): void {
  parked
    .command(verb)
    .description(description)
    .argument('<name>', 'name of the projection')
    .argument('<key>', 'key as `parked list` shows it')
    .option('--yes', 'do it; without it, only say what would be left out')
    .option('--dry-run', 'only say what would be left out')
    .addOption(remoteOption())
    .option('--json', 'as a JSON array')
    .action(async (name: string, key: string, flags: SettleFlags, command: Command) =>
      settle(await operationsOf(command), { projection: name, verb, keys: [key] }, flags),
    );
}

async function settle(
  operations: Operations,
  choice: ParkedChoice,
  { yes = false, dryRun = false, json = false }: SettleFlags,
): Promise<void> {
  if (dryRun || !yes) {
    const plan = await planOf(operations, choice);
    printPlan(plan, choice.verb, json);
    if (!dryRun && plan.length > 0) needsYes(`${choice.verb} it`, reasonAndYes);
    return;
  }
  const settled = await operations.settleParkedKeys(choice);
  if (json) printJson(settled);
  else if (settled.length === 0) print('Nothing is parked.');
  else for (const key of settled) print(formatSettled(key));
  if (staysParked(settled)) process.exitCode = exitCodes.failed;
}

async function planOf(operations: Operations, choice: ParkedChoice): Promise<readonly ParkedKey[]> {
  const [statuses, parked] = await Promise.all([
    operations.listProjections(),
    operations.listParkedKeys({ projection: choice.projection, limit: 100_000 }),
  ]);
  return planParked({ statuses, parked }, choice);
}

function printPlan(plan: readonly ParkedKey[], verb: ParkedVerb, json: boolean): void {
  if (json) printJson(plan);
  else if (plan.length === 0) print('Nothing is parked.');
  else for (const key of plan) print(`would ${verb}  ${formatParkedLine(key)}`);
}

function staysParked(settled: readonly SettledKey[]): boolean {
  return settled.some(({ outcome }) => outcome === 'parked');
}
