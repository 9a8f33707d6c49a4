import type { SagaToSteer } from '@kiroku/client';
import { type Command, InvalidArgumentError } from 'commander';
import type { GlobalFlags } from '../installation/read-installation.ts';
import { remoteOption } from '../operations/operations.ts';
import { sagaOperationsOf } from '../operations/saga-operations.ts';
import { print, printJson } from '../output/print.ts';

interface ControlFlags {
  readonly processManager?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Adds `retry`, `compensate` or `close`. */
export function addSagaControl(saga: Command, control: SagaToSteer['control'], description: string): void {
  saga
    .command(control)
    .description(description)
    .argument('<id>', 'id of the saga, e.g. of the order')
    .option('--process-manager <name>', 'which one, if several have a saga of this id')
    .option('--dry-run', 'only say what would happen')
    .addOption(remoteOption())
    .option('--json', 'as one JSON document')
    .action(async (id: string, { processManager, dryRun = false, json = false }: ControlFlags, command: Command) => {
      if (control === 'close' && command.optsWithGlobals<GlobalFlags>().reason === undefined) {
        throw new InvalidArgumentError('Closing a saga undoes nothing, so it needs a --reason.');
      }
      const operations = await sagaOperationsOf(command);
      const steering = { id, control, ...(processManager !== undefined && { processManager }) };
      if (dryRun) {
        const plan = await operations.planSagaControl(steering);
        if (json) printJson({ plan });
        else print(plan.join('\n'));
        return;
      }
      const changed = await operations.controlSaga(steering);
      if (json) printJson(changed);
      else print(`Saga ${changed.id} is ${changed.status}.`);
    });
}
