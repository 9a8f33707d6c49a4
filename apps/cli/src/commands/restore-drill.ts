import { openRepository } from '@kiroku/backup';
import { type DrillReport, drill } from '@kiroku/operations';
import type { Command } from 'commander';
import colors from 'picocolors';
import { keysIn } from '../installation/keys-of.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { counted } from '../output/format-count.ts';
import { print, printError, printJson } from '../output/print.ts';
import { restoreProgress } from '../output/restore-progress.ts';
import { installationOf } from './global-options.ts';
import { onInterrupt } from './interrupts.ts';

interface DrillFlags {
  readonly json?: boolean;
}

export function addRestoreDrill(restore: Command): void {
  restore
    .command('drill')
    .description(
      'restore the newest backup to a scratch place, prove it, measure how long it takes, and remove it; exit code 1 if something is wrong',
    )
    .option('--json', 'as one JSON document')
    .action(async (_: DrillFlags, command: Command) => {
      const { json = false } = command.optsWithGlobals<DrillFlags>(); // `restore` has the same option, and takes it
      const installation = await installationOf(command);
      const repository = await openRepository(installation.backup.repository);
      const stopped = new AbortController();
      const release = onInterrupt({ stop: () => stopped.abort(), force: () => process.exit(1) });
      try {
        const report = await (async () => {
          using progress = restoreProgress();
          return drill(installation, { repository, keysIn: keysIn(installation), onProgress: progress.show, signal: stopped.signal });
        })();
        if (json) printJson(report);
        else printReport(report);
        if (!report.succeeded) process.exitCode = exitCodes.failed;
      } finally {
        release();
      }
    });
}

function printReport({
  backup,
  position,
  rtoSeconds,
  recoverySeconds,
  rpoSeconds,
  projections,
  faults,
  tried,
  succeeded,
}: DrillReport): void {
  for (const fault of faults) printError(`${colors.red('✗')} ${fault}`);
  if (!tried) printError('  Nothing could be tried, so this says nothing about the backups.');
  for (const { name, rows, wrong } of projections) {
    print(`${wrong === 0 ? colors.green('✓') : colors.red('✗')} ${name}: ${counted(rows, 'row')}, ${wrong} wrong`);
  }
  if (rtoSeconds !== undefined)
    print(
      `  restored and proven in ${rtoSeconds.toFixed(1)} s (RTO), of which ${recoverySeconds?.toFixed(1) ?? '?'} s until it could be read`,
    );
  if (rpoSeconds !== undefined)
    print(`  lost with the machine: ${rpoSeconds === 0 ? 'nothing' : `the last ${rpoSeconds.toFixed(1)} s`} (RPO)`);
  if (succeeded) print(`${colors.green('✓')} Backup ${backup} restores the log up to position ${position}, whole.`);
}
