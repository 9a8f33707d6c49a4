import type { Command } from 'commander';
import { operationsOf, remoteOption } from '../operations/operations.ts';
import { formatJob } from '../output/format-job.ts';
import { print, printJson } from '../output/print.ts';
import { wholeNumber } from './numbers.ts';

interface ShowFlags {
  readonly lines: number;
  readonly before?: number;
  readonly json?: boolean;
}

export function addJobShow(job: Command): void {
  job
    .command('show')
    .description('show a job: how far it is, who runs it, what it came to, and the last lines of its log')
    .argument('<id>', 'id of the job')
    .option('--lines <n>', 'lines of the log at most', wholeNumber(0), 20)
    .option('--before <n>', 'only lines before this number, to go on where those shown begin', wholeNumber(0))
    .addOption(remoteOption())
    .option('--json', 'as one JSON document')
    .action(async (id: string, { lines, before, json = false }: ShowFlags, command: Command) => {
      const shown = await (await operationsOf(command)).showJob(id, { lines, ...(before !== undefined && { before }) });
      if (json) printJson(shown);
      else print(formatJob(shown));
    });
}
