import { openRepository } from '@kiroku/backup';
import {
  type ContinuousStatus,
  type ContinuousSwitch,
  continuousStatus,
  disableContinuous,
  disableOnServers,
  enableContinuous,
  enableOnServers,
  type Installation,
  type ServerContinuousStatus,
  statusOfServers,
} from '@kiroku/operations';
import type { Command } from 'commander';
import colors from 'picocolors';
import { formatDuration } from '../output/duration.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { enabledLines, serverContinuousLines } from '../output/format-server-continuous.ts';
import { print, printJson } from '../output/print.ts';
import { installationOf } from './global-options.ts';

interface JsonFlag {
  readonly json?: boolean;
}

export function addBackupContinuous(backup: Command): void {
  const continuous = backup.command('continuous').description('keep the write-ahead log, so that one can go back to any moment');
  continuous
    .command('enable')
    .description('keep it from now on; make a backup after it, which it goes on from; exit code 3 if a server has to be restarted first')
    .option('--json', 'as one JSON document')
    .action(async ({ json = false }: JsonFlag, command: Command) => {
      const installation = await installationOf(command);
      if (installation.databases !== undefined) return enableServers(installation, json);
      const done = await enableContinuous(installation);
      if (json) printJson(done);
      else print(switchLine(done, 'is kept', 'Now make a backup, which it goes on from: `kiroku backup create`.'));
    });
  continuous
    .command('disable')
    .description('no longer keep it; what is kept stays')
    .option('--json', 'as one JSON document')
    .action(async ({ json = false }: JsonFlag, command: Command) => {
      const installation = await installationOf(command);
      if (installation.databases !== undefined) await disableOnServers(installation);
      const done = installation.databases === undefined ? await disableContinuous(installation) : { unchanged: false, now: true };
      if (json) printJson(done);
      else print(switchLine(done, 'is no longer kept', 'From here on one can go back to backups only.'));
    });
  addStatus(continuous);
}

function addStatus(continuous: Command): void {
  continuous
    .command('status')
    .description('how far the write-ahead log is kept, and what would be lost with the disk; exit code 1 if it is behind')
    .option('--json', 'as one JSON document')
    .action(async ({ json = false }: JsonFlag, command: Command) => {
      const installation = await installationOf(command);
      if (installation.databases !== undefined) return printServers(await statusOfServers(installation), json);
      const status = await continuousStatus(installation, await openRepository(installation.backup.repository));
      if (json) printJson(status);
      else for (const line of statusLines(status)) print(line);
      if (status.behind) process.exitCode = exitCodes.failed;
    });
}

async function enableServers(installation: Installation, json: boolean): Promise<void> {
  const enabled = await enableOnServers(installation);
  if (json) printJson(enabled);
  else for (const line of enabledLines(enabled)) print(line);
  if (enabled.toRestart.length > 0) process.exitCode = exitCodes.degraded;
}

function printServers(statuses: readonly ServerContinuousStatus[], json: boolean): void {
  if (json) printJson({ servers: statuses });
  else for (const line of statuses.flatMap(serverContinuousLines)) print(line);
  if (statuses.some(({ behind }) => behind)) process.exitCode = exitCodes.failed;
}

function switchLine({ unchanged, now }: ContinuousSwitch, what: string, next: string): string {
  if (unchanged) return `The write-ahead log ${what} already.`;
  return `The write-ahead log ${what}${now ? '' : ', from the next `kiroku up` on'}. ${next}`;
}

function keysLine({ kept, waiting, fault }: ContinuousStatus['keys']): string {
  if (!kept) return 'of personal data are kept encrypted only, and there is no BACKUP_KEY: back KIROKU_KEY_DIR up apart';
  if (fault !== undefined) return colors.red(fault);
  return `of personal data are kept with it${waiting === 0 ? '' : `; ${waiting} new ones wait for the next piece`}`;
}

function statusLines({
  since,
  place,
  coverage,
  waiting,
  lagSeconds,
  failures,
  keys,
  rpoSeconds,
  behind,
}: ContinuousStatus): readonly string[] {
  if (since === undefined)
    return ['The write-ahead log is not kept: one can go back to backups only. `kiroku backup continuous enable` begins.'];
  const covered =
    coverage === undefined
      ? 'nothing yet'
      : `${coverage.segment}, with ${coverage.position === undefined ? 'all' : `the log up to position ${coverage.position}`} as of ${coverage.until}`;
  const lost =
    rpoSeconds === undefined || rpoSeconds === 0 ? 'nothing' : `what was recorded in the last ${formatDuration(rpoSeconds * 1_000)}`;
  const waits = waiting === 0 ? 'nothing' : `${waiting}, the oldest for ${formatDuration(lagSeconds * 1_000)}`;
  return [
    behind ? `${colors.red('✗')} The write-ahead log is kept, and is behind.` : `${colors.green('✓')} The write-ahead log is kept.`,
    `  since     ${since}, in ${place}`,
    `  kept      ${covered}`,
    `  waiting   ${waits}`,
    `  failures  ${failures}`,
    `  keys      ${keysLine(keys)}`,
    `  lost with the disk: ${lost}${keys.kept ? '' : ', and keys of personal data'}`,
  ];
}
