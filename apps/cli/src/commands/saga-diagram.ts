import type { Command } from 'commander';
import { remoteOption } from '../operations/operations.ts';
import { sagaOperationsOf } from '../operations/saga-operations.ts';
import { print, printJson } from '../output/print.ts';

export function addSagaDiagram(saga: Command): void {
  saga
    .command('diagram')
    .description('draw the declared steps of a saga, as a Mermaid flowchart')
    .argument('<name>', 'name of the process manager')
    .addOption(remoteOption())
    .option('--json', 'as one JSON document')
    .action(async (name: string, { json = false }: { readonly json?: boolean }, command: Command) => {
      const diagram = await (await sagaOperationsOf(command)).sagaDiagram(name);
      if (json) printJson({ name, diagram });
      else print(diagram.trimEnd());
    });
}
