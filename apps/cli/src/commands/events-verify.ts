import { describeFinding, describeLeftHead, readHeads, type VerifyReport, verifyEvents } from '@kiroku/operations';
import type { Command } from 'commander';
import colors from 'picocolors';
import { exitCodes } from '../output/exit-codes.ts';
import { counted } from '../output/format-count.ts';
import { jobProgress } from '../output/job-progress.ts';
import { print, printError, printJson } from '../output/print.ts';
import { installationOf } from './global-options.ts';
import { onInterrupt } from './interrupts.ts';
import { wholeNumber } from './numbers.ts';

interface VerifyFlags {
  readonly from?: number;
  readonly to?: number;
  readonly deep?: boolean;
  readonly against?: string;
  readonly job: boolean;
  readonly json?: boolean;
}

export function addEventsVerify(events: Command): void {
  events
    .command('verify')
    .description('prove that the log is whole, while it is in use; exit code 1 if something is wrong')
    .option('--deep', 'recompute the digest of every event and the hash of every commit')
    .option('--from <n>', 'begin with the commit that holds this position (default: 1)', wholeNumber(1))
    .option('--to <n>', 'end with the commit that holds this position (default: the head, as of now)', wholeNumber(1))
    .option('--against <file>', 'compare with the heads that `kiroku events head export` wrote into this file')
    .option('--no-job', 'do not keep it as a job: it cannot be resumed then, and does not need command_db')
    .option('--json', 'as one JSON document')
    .action(async (flags: VerifyFlags, command: Command) => runVerify(flags, command));
}

async function runVerify({ from, to, deep = false, against, job, json = false }: VerifyFlags, command: Command): Promise<void> {
  const heads = against === undefined ? [] : await readHeads(against);
  const installation = await installationOf(command);
  const stopped = new AbortController();
  const release = onInterrupt({ stop: () => stopped.abort(), force: () => process.exit(exitCodes.failed) });
  try {
    const report = await (async () => {
      using progress = jobProgress();
      return verifyEvents(
        installation,
        { deep, against: heads, ...(from !== undefined && { from }), ...(to !== undefined && { to }) },
        { asJob: job, onProgress: progress.show, signal: stopped.signal },
      );
    })();
    if (json) printJson(report);
    else printReport(report);
    if (report.total > 0) process.exitCode = exitCodes.failed;
  } finally {
    release();
  }
}

function printReport({ findings, total, fromPosition, toPosition, deep, headsCompared, leftHeads }: VerifyReport): void {
  for (const finding of findings) print(`${colors.red('✗')} ${describeFinding(finding)}`);
  for (const head of leftHeads) print(`${colors.yellow('!')} ${describeLeftHead(head)}.`);
  if (total > findings.length) print(`… and ${(total - findings.length).toLocaleString('en')} more`);
  const what = `positions ${fromPosition} to ${toPosition}${deep ? ', with every digest and hash' : ''}${headsCompared > 0 ? `, and ${counted(headsCompared, 'exported head')}` : ''}`;
  if (toPosition < fromPosition && total === 0) print(`${colors.green('✓')} The log is empty.`);
  else if (total === 0) print(`${colors.green('✓')} The log is whole: ${what}.`);
  else printError(`${counted(total, 'finding')} in ${what}. docs/runbooks/verify.md says what each means.`);
}
