import { openRepository } from '@kiroku/backup';
import { type BackupPlan, createBackup, giveWay, type Installation, planBackup } from '@kiroku/operations';
import type { Command } from 'commander';
import colors from 'picocolors';
import { formatDuration } from '../output/duration.ts';
import { formatBytes } from '../output/format-bytes.ts';
import { print, printError, printJson } from '../output/print.ts';
import { taskProgress } from '../output/task-progress.ts';
import { installationOf } from './global-options.ts';
import { onInterrupt } from './interrupts.ts';
import { wholeNumber } from './numbers.ts';

interface CreateFlags {
  /** Megabytes a second. */
  readonly maxRate?: number;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function addBackupCreate(backup: Command): void {
  backup
    .command('create')
    .description('back the three databases up, so that they fit together, while they are in use')
    .option('--max-rate <MB/s>', 'read no quicker than this (default: as quick as it goes)', wholeNumber(1))
    .option('--dry-run', 'only say what would be done, and how large it is')
    .option('--json', 'as one JSON document')
    .action(async (flags: CreateFlags, command: Command) => runCreate(await installationOf(command), flags));
}

async function runCreate(installation: Installation, { maxRate, dryRun = false, json = false }: CreateFlags): Promise<void> {
  const repository = await openRepository(installation.backup.repository);
  const plan = await planBackup(installation, repository);
  if (dryRun) return json ? printJson(plan) : print(planLine(plan));
  for (const notice of plan.notices) printError(`${colors.yellow('!')} ${notice}`);
  const stopped = new AbortController();
  const release = onInterrupt({ stop: () => stopped.abort(), force: () => process.exit(1) });
  const goAhead = await giveWay();
  try {
    const manifest = await (async () => {
      using progress = taskProgress('backup create', 'bytes');
      return createBackup(installation, {
        repository,
        signal: stopped.signal,
        maxBytesPerSecond: maxRate === undefined ? undefined : maxRate * 1_000_000,
        onProgress: ({ done, total }) => progress.show(done, total),
      });
    })();
    if (json) return printJson(manifest);
    const stored = manifest.parts.reduce((sum, { storedBytes }) => sum + storedBytes, 0);
    const took = formatDuration(Date.parse(manifest.finishedAt) - Date.parse(manifest.startedAt));
    print(
      `${colors.green('✓')} Backup ${manifest.id}: the log up to position ${manifest.head.position}, ${formatBytes(stored)}, in ${took}.`,
    );
  } finally {
    await goAhead();
    release();
  }
}

function planLine({ method, place, encrypted, bytes, lastTookSeconds, notices }: BackupPlan): string {
  const took = lastTookSeconds === undefined ? '' : ` The last one took ${formatDuration(lastTookSeconds * 1_000)}.`;
  const how = `${formatBytes(bytes)} of databases would be backed up by ${method} to ${place}, ${encrypted ? 'encrypted' : 'not encrypted'}.`;
  return [`${how}${took}`, ...notices.map((notice) => `${colors.yellow('!')} ${notice}`)].join('\n');
}
