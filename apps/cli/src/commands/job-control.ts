import type { Job, JobControl } from '@kiroku/core';
import { planControl } from '@kiroku/operations';
import type { Command } from 'commander';
import { type Operations, operationsOf, remoteOption } from '../operations/operations.ts';
import { print, printJson } from '../output/print.ts';

interface ControlFlags {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Adds `pause` or `cancel`. */
export function addJobControl(job: Command, control: 'pause' | 'cancel', description: string): void {
  job
    .command(control)
    .description(description)
    .argument('<id>', 'id of the job')
    .option('--dry-run', 'only say what would happen')
    .addOption(remoteOption())
    .option('--json', 'as one JSON document')
    .action(async (id: string, { dryRun = false, json = false }: ControlFlags, command: Command) => {
      const operations = await operationsOf(command);
      if (dryRun) return printPlan(operations, { id, control, json });
      const changed = await operations.controlJob(id, control);
      if (json) printJson(changed);
      else print(stateLine(changed));
    });
}

/** Says what a control would make of a job. */
export async function printPlan(
  operations: Operations,
  { id, control, json }: { readonly id: string; readonly control: JobControl; readonly json: boolean },
): Promise<void> {
  const { job } = await operations.showJob(id, { lines: 0 });
  const plan = planControl(job, control, Date.now());
  if (json) printJson({ plan });
  else print(plan);
}

function stateLine({ id, state, requested, owner }: Job): string {
  return requested === undefined ? `Job ${id} is ${state}.` : `${owner} is asked to ${requested} job ${id}.`;
}
