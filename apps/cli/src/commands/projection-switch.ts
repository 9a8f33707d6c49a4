import type { SwitchPlan } from '@kiroku/operations';
import type { Command } from 'commander';
import { operationsOf, remoteOption } from '../operations/operations.ts';
import { print, printJson } from '../output/print.ts';
import { wholeNumber } from './numbers.ts';

interface SwitchFlags {
  readonly build?: number;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function addProjectionSwitch(projection: Command): void {
  projection
    .command('switch')
    .description('make queries read another build, at once; the one before stays for a rollback')
    .argument('<name>', 'name of the projection')
    .option('--build <n>', 'the build (default: the newest that is ready)', wholeNumber(1))
    .option('--force', 'also if it has parked keys that the one being read has not')
    .option('--dry-run', 'only say what would happen')
    .addOption(remoteOption())
    .option('--json', 'as one JSON document')
    .action(async (name: string, { build, force = false, dryRun = false, json = false }: SwitchFlags, command: Command) => {
      const operations = await operationsOf(command);
      const choice = build === undefined ? {} : { build };
      const plan = dryRun ? await operations.planSwitch(name, choice) : await operations.switchProjection(name, { ...choice, force });
      if (json) printJson(plan);
      else print(switchLine(plan, dryRun));
    });
}

export function switchLine({ name, version, from, to }: SwitchPlan, dryRun: boolean): string {
  if (from === to) return `Queries read build ${to} of ${name} version ${version} already.`;
  const before = from === undefined ? '' : `, no more build ${from}`;
  return `Queries ${dryRun ? 'would ' : ''}read build ${to} of ${name} version ${version}${dryRun ? '' : ' now'}${before}.`;
}
