import type { RetirePlan } from '@kiroku/operations';
import type { Command } from 'commander';
import { operationsOf, remoteOption } from '../operations/operations.ts';
import { formatBytes } from '../output/format-bytes.ts';
import { needsYes } from '../output/needs-yes.ts';
import { print, printJson } from '../output/print.ts';
import { wholeNumber } from './numbers.ts';

interface RetireFlags {
  readonly build?: number;
  readonly version?: number;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function addProjectionRetire(projection: Command): void {
  projection
    .command('retire')
    .description('drop builds that are needed no more; needs --yes')
    .argument('<name>', 'name of the projection')
    .option('--build <n>', 'this one (default: all that are neither read nor what a rollback leads to)', wholeNumber(1))
    .option(
      '--version <n>',
      'of this version (default: the one of this code); of another, all that no running instance needs',
      wholeNumber(1),
    )
    .option('--yes', 'do it; without it, only say which')
    .option('--dry-run', 'only say which')
    .addOption(remoteOption())
    .option('--json', 'as one JSON document')
    .action(async (name: string, flags: RetireFlags, command: Command) => {
      const { build, version, yes = false, dryRun = false, json = false } = flags;
      const operations = await operationsOf(command);
      const choice = { ...(build !== undefined && { build }), ...(version !== undefined && { version }) };
      const planned = await operations.planRetire(name, choice);
      const runs = yes && !dryRun && planned.builds.length > 0;
      const plan = runs ? await operations.retireProjection(name, choice) : planned;
      if (json) printJson({ ...plan, retired: runs });
      else for (const line of retireLines(plan, runs)) print(line);
      if (!yes && !dryRun && plan.builds.length > 0) needsYes('drop them');
    });
}

function retireLines({ name, version, builds }: RetirePlan, retired: boolean): readonly string[] {
  if (builds.length === 0) {
    const named = `One that a rollback leads to is dropped by its number alone: \`--build N\`; \`kiroku projection show ${name}\` has them.`;
    return [`There is nothing to retire of ${name} version ${version}. ${named}`];
  }
  return builds.map(
    ({ build, tables, bytes }) =>
      `build ${build} of ${name} version ${version}: ${tables} table${tables === 1 ? '' : 's'}, ${formatBytes(bytes)} ${retired ? 'dropped' : 'would be dropped'}`,
  );
}
