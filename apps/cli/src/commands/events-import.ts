import { createReadStream } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { KirokuError } from '@kiroku/core';
import { auditedRun, type ImportReport, type Installation, importEvents, openImportTarget } from '@kiroku/operations';
import type { Command } from 'commander';
import { exitCodes } from '../output/exit-codes.ts';
import { print, printJson } from '../output/print.ts';
import { taskProgress } from '../output/task-progress.ts';
import { installationOf } from './global-options.ts';
import { onInterrupt } from './interrupts.ts';

interface ImportFlags {
  readonly append?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

export function addEventsImport(events: Command): void {
  events
    .command('import')
    .description('append exported events to the log, in their order; an import that was interrupted goes on where it stopped')
    .argument('<file>', 'what `kiroku events export` wrote; "-" is the standard input')
    .option('--append', 'the log may have other events already')
    .option('--dry-run', 'check every line and append nothing')
    .option('--yes', 'do it: what is appended to a log stays')
    .option('--json', 'as one JSON document')
    .action(async (file: string, flags: ImportFlags, command: Command) => runImport(file, flags, await installationOf(command)));
}

async function runImport(file: string, flags: ImportFlags, installation: Installation): Promise<void> {
  const { append = false, dryRun = false, yes = false, json = false } = flags;
  if (!dryRun && !yes) {
    throw new KirokuError('BadRequest', 'What is appended to a log cannot be taken back. Look at it with --dry-run, then say --yes.');
  }
  if (file !== '-') await requireReadable(file);
  const work = () => importFile(installation, file, { append, dryRun });
  const report = dryRun
    ? await work()
    : await auditedRun(installation, { verb: 'events import', arguments: { file, append }, run: work, after: (result) => result });
  if (json) printJson(report);
  else print(reportLine(report, dryRun));
}

async function importFile(
  installation: Installation,
  file: string,
  options: { readonly append: boolean; readonly dryRun: boolean },
): Promise<ImportReport> {
  await using target = await openImportTarget(installation);
  const stopped = new AbortController();
  const release = onInterrupt({ stop: () => stopped.abort(), force: () => process.exit(exitCodes.failed) });
  using progress = taskProgress('events import', 'events');
  try {
    return await importEvents(target, {
      ...options,
      open: () => (file === '-' ? process.stdin : createReadStream(file)),
      rereadable: file !== '-',
      onProgress: ({ phase, done, total }) => phase === 'importing' && progress.show(done, total),
      signal: stopped.signal,
    });
  } finally {
    release();
  }
}

async function requireReadable(file: string): Promise<void> {
  const refuse = (why: string, cause?: unknown): never => {
    throw new KirokuError('BadRequest', `${file} cannot be read, so nothing was imported: ${why}.`, { cause });
  };
  await access(file).catch((cause: unknown) => refuse(cause instanceof Error ? cause.message : String(cause), cause));
  if ((await stat(file)).isDirectory()) refuse('it is a directory');
}

function reportLine({ events, imported, alreadyThere }: ImportReport, dryRun: boolean): string {
  const there = alreadyThere === 0 ? '' : ` ${alreadyThere.toLocaleString('en')} were there from an earlier run.`;
  return `${imported.toLocaleString('en')} of ${events.toLocaleString('en')} events ${dryRun ? 'would be' : 'were'} imported.${there}`;
}
