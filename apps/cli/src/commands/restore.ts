import { openRepository } from '@kiroku/backup';
import { type Installation, planRestore, type RestoreReport, type RestoreSummary, type RestoreWanted, restore } from '@kiroku/operations';
import { type Command, InvalidArgumentError, Option } from 'commander';
import colors from 'picocolors';
import { keysOf } from '../installation/keys-of.ts';
import { canAsk, isAgreedTo } from '../output/ask.ts';
import { planLines, summaryLines } from '../output/format-restore.ts';
import { needsYes } from '../output/needs-yes.ts';
import { print, printError, printJson } from '../output/print.ts';
import { restoreProgress } from '../output/restore-progress.ts';
import { installationOf } from './global-options.ts';
import { onInterrupt } from './interrupts.ts';
import { positionOrMoment } from './moments.ts';
import { addRestoreDrill } from './restore-drill.ts';
import { addRestoreKeys } from './restore-keys.ts';
import { printRestorable } from './restore-list.ts';

interface RestoreFlags {
  readonly latest?: boolean;
  readonly backup?: string;
  readonly at?: number | string;
  readonly list?: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function addRestore(program: Command): void {
  const command = program
    .command('restore')
    .addOption(new Option('--latest', 'all that is kept').conflicts(['backup', 'at']))
    .addOption(new Option('--backup <id>', 'what this backup held').conflicts(['latest', 'at']))
    .addOption(
      new Option('--at <time or position>', 'what was committed by this time, or the log up to this position')
        .argParser(positionOrMoment)
        .conflicts(['latest', 'backup']),
    )
    .option('--list', 'only say what can be restored')
    .option('--yes', 'switch without asking')
    .option('--dry-run', 'only say what would be done, and what would be lost')
    .option('--json', 'as one JSON document')
    .action(async (flags: RestoreFlags, self: Command) => runRestore(await installationOf(self), flags));
  addRestoreDrill(command);
  addRestoreKeys(command);
}

async function runRestore(installation: Installation, flags: RestoreFlags): Promise<void> {
  const { list = false, dryRun = false, yes = false, json = false } = flags;
  const repository = await openRepository(installation.backup.repository);
  if (list) return printRestorable(installation, repository, json);
  const plan = await planRestore(installation, repository, wantedOf(flags));
  if (dryRun) return json ? printJson(plan) : planLines(plan).forEach(print);
  if (!yes && !canAsk()) {
    for (const line of planLines(plan)) printError(line);
    needsYes('switch to what is restored');
    return;
  }
  const stopped = new AbortController();
  const release = onInterrupt({ stop: () => stopped.abort(), force: () => process.exit(1) });
  try {
    const report = await (async () => {
      using progress = restoreProgress();
      const agree = async (summary: RestoreSummary) => yes || (await isAgreed(summary, { pause: progress.pause, signal: stopped.signal }));
      return restore(installation, plan, {
        repository,
        keys: keysOf(installation),
        agree,
        onProgress: progress.show,
        signal: stopped.signal,
      });
    })();
    if (json) printJson(report);
    else printReport(report);
  } finally {
    release();
  }
}

function wantedOf({ latest, backup, at }: RestoreFlags): RestoreWanted {
  if (typeof at === 'number') return { kind: 'position', position: at };
  if (at !== undefined) return { kind: 'time', time: at };
  if (backup !== undefined) return { kind: 'backup', id: backup };
  if (latest === true) return { kind: 'latest' };
  throw new InvalidArgumentError('Say what to restore: --latest, --backup <id> or --at <time or position>; --list shows what there is.');
}

async function isAgreed(
  summary: RestoreSummary,
  { pause, signal }: { readonly pause: () => void; readonly signal: AbortSignal },
): Promise<boolean> {
  pause();
  for (const line of summaryLines(summary)) printError(line);
  return isAgreedTo('Switch to it?', signal);
}

function printReport(report: RestoreReport): void {
  for (const line of summaryLines(report)) print(line);
  print(`${colors.green('✓')} Restored in ${report.seconds.toFixed(1)} s. What was in use before is kept: ${report.aside}.`);
  for (const line of report.todo) print(`  ${line}`);
}
