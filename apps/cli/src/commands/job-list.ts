import type { JobState } from '@kiroku/core';
import { jobPlace } from '@kiroku/operations';
import { type Command, Option } from 'commander';
import { operationsOf, remoteOption } from '../operations/operations.ts';
import { formatJobRow, jobColumns } from '../output/format-job.ts';
import { tellMore } from '../output/more.ts';
import { print, printJson, printTable } from '../output/print.ts';

import { wholeNumber } from './numbers.ts';

interface ListFlags {
  readonly state?: readonly JobState[];
  readonly verb?: string;
  readonly before?: string;
  readonly limit: number;
  readonly json?: boolean;
}

const states: readonly JobState[] = ['queued', 'running', 'paused', 'done', 'failed', 'cancelled'];

export function addJobList(job: Command): void {
  job
    .command('list')
    .description('show the latest jobs')
    .addOption(new Option('--state <state...>', 'only jobs in these states').choices(states))
    .option('--verb <verb>', 'only jobs of this verb, e.g. "events verify"')
    .option('--limit <n>', 'jobs at most', wholeNumber(1), 20)
    .option('--before <place>', 'go on where a list before ended, as it says at its end')
    .addOption(remoteOption())
    .option('--json', 'as a JSON array')
    .action(async ({ state, verb, before, limit, json = false }: ListFlags, command: Command) => {
      const filter = {
        limit,
        ...(state && { states: state }),
        ...(verb !== undefined && { verb }),
        ...(before !== undefined && { before }),
      };
      const jobs = await (await operationsOf(command)).listJobs(filter);
      if (json) printJson(jobs);
      else if (jobs.length === 0) print(state || verb || before ? 'There are no such jobs.' : 'There are no jobs.');
      else printTable(jobColumns, jobs.map(formatJobRow));
      tellMore('--before', { entries: jobs, limit, json, placeOf: jobPlace });
    });
}
