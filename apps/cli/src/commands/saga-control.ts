import { controlSaga, planSagaControl, type SagaSteering } from '@kiroku/operations';
import { type Command, InvalidArgumentError } from 'commander';
import { print, printJson } from '../output/print.ts';
import { installationOf } from './global-options.ts';

interface ControlFlags {
  readonly processManager?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Adds `retry`, `compensate` or `close`. */
export function addSagaControl(saga: Command, control: SagaSteering['control'], description: string): void {
  saga
    .command(control)
    .description(description)
    .argument('<id>', 'id of the saga, e.g. of the order')
    .option('--process-manager <name>', 'which one, if several have a saga of this id')
    .option('--dry-run', 'only say what would happen')
    .option('--json', 'as one JSON document')
    .action(async (id: string, { processManager, dryRun = false, json = false }: ControlFlags, command: Command) => {
      const installation = await installationOf(command);
      if (control === 'close' && installation.operator.reason === undefined) {
        throw new InvalidArgumentError('Closing a saga undoes nothing, so it needs a --reason.');
      }
      const steering = { id, control, ...(processManager !== undefined && { processManager }) };
      if (dryRun) {
        const plan = await planSagaControl(installation, steering);
        if (json) printJson({ plan });
        else print(plan.join('\n'));
        return;
      }
      const changed = await controlSaga(installation, steering);
      if (json) printJson(changed);
      else print(`Saga ${changed.id} is ${changed.status}.`);
    });
}
