import { connectionUrls, foundWrong, type Installation, jobDefinitions, providedCode, runQueuedJob } from '@kiroku/operations';
import type { Command } from 'commander';
import { keysOf } from '../installation/keys-of.ts';
import { operationsOf, type RemoteFlag, remoteOption } from '../operations/operations.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { jobProgress } from '../output/job-progress.ts';
import { print, printJson } from '../output/print.ts';
import { installationOf } from './global-options.ts';
import { onInterrupt } from './interrupts.ts';
import { printPlan } from './job-control.ts';

interface ResumeFlags extends RemoteFlag {
  readonly detach?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function addJobResume(job: Command): void {
  job
    .command('resume')
    .description(
      'go on with a paused or failed job where it stopped, here or in the next process that can; exit code as of the verb itself',
    )
    .argument('<id>', 'id of the job')
    .option('--detach', 'leave it to a running service (always so with --remote)')
    .option('--dry-run', 'only say what would happen')
    .addOption(remoteOption())
    .option('--json', 'as one JSON document')
    .action(async (id: string, { detach = false, dryRun = false, json = false, remote }: ResumeFlags, command: Command) => {
      const operations = await operationsOf(command);
      if (dryRun) return printPlan(operations, { id, control: 'resume', json });
      const resumed = await operations.controlJob(id, 'resume');
      const stays = detach || remote !== undefined || resumed.state !== 'queued';
      const here = stays ? undefined : await runHere(await installationOf(command), id);
      const isWrong = here !== undefined && foundWrong(resumed, here.result);
      if (isWrong) process.exitCode = exitCodes.failed;
      if (json) printJson(here === undefined ? resumed : { ...resumed, state: 'done', result: here.result });
      else
        print(
          here === undefined
            ? `Job ${id} is ${resumed.state}. \`kiroku job show ${id}\` follows it.`
            : `Job ${id} is done${isWrong ? ', and something is wrong' : ''}. \`kiroku job show ${id}\` says what it came to.`,
        );
    });
}

async function runHere(installation: Installation, id: string): ReturnType<typeof runQueuedJob> {
  const stopped = new AbortController();
  const release = onInterrupt({ stop: () => stopped.abort(), force: () => process.exit(exitCodes.failed) });
  using progress = jobProgress();
  try {
    const { application } = installation.config;
    const databases = await connectionUrls(installation, 'service');
    const definitions = jobDefinitions(databases, { ...installation, application, keys: keysOf(installation) });
    return await runQueuedJob(installation, id, {
      definitions,
      code: providedCode(application),
      onProgress: progress.show,
      signal: stopped.signal,
    });
  } finally {
    release();
  }
}
