import { exportHead, outputFile } from '@kiroku/operations';
import type { Command } from 'commander';
import { printError, printJsonLine } from '../output/print.ts';
import { installationOf } from './global-options.ts';

export function addEventsHead(events: Command): void {
  events
    .command('head')
    .description('the head of the log')
    .command('export')
    .description(
      'write where the log ends and its hash, as one line of JSON; keep it where nobody who can change the database can change it',
    )
    .option('--out <file>', 'where to (default: the standard output, so that `>>` can collect heads in one file)')
    .action(async ({ out }: { readonly out?: string }, command: Command) => {
      const head = await exportHead(await installationOf(command));
      if (out === undefined) return printJsonLine(head);
      const output = await outputFile(out);
      await output.write(`${JSON.stringify(head)}\n`);
      await output.finish();
      printError(`The head at position ${head.position} is in ${out}.`);
    });
}
