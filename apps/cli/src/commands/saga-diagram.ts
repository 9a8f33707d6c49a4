import { sagaDiagram } from '@kiroku/operations';
import type { Command } from 'commander';
import { print, printJson } from '../output/print.ts';
import { installationOf } from './global-options.ts';

export function addSagaDiagram(saga: Command): void {
  saga
    .command('diagram')
    .description('draw the declared steps of a saga, as a Mermaid flowchart')
    .argument('<name>', 'name of the process manager')
    .option('--json', 'as one JSON document')
    .action(async (name: string, { json = false }: { readonly json?: boolean }, command: Command) => {
      const diagram = sagaDiagram((await installationOf(command)).config.application, name);
      if (json) printJson({ name, diagram });
      else print(diagram.trimEnd());
    });
}
