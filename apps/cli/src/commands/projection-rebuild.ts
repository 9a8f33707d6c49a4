import { KirokuError } from '@kiroku/core';
import { type RebuildPlan, type RebuildReport, type RebuiltProjection, rebuildProjections } from '@kiroku/operations';
import type { Command } from 'commander';
import colors from 'picocolors';
import { keysOf } from '../installation/keys-of.ts';
import { operationsOf, type RemoteFlag, remoteOption, type WantedRebuild } from '../operations/operations.ts';
import { formatDuration } from '../output/duration.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { formatBytes } from '../output/format-bytes.ts';
import { counted } from '../output/format-count.ts';
import { jobProgress } from '../output/job-progress.ts';
import { print, printError, printJson } from '../output/print.ts';
import { type FoldFlags, foldArguments, withFoldOptions } from './fold-options.ts';
import { installationOf } from './global-options.ts';
import { onInterrupt } from './interrupts.ts';
import { wholeNumber } from './numbers.ts';

interface RebuildFlags extends FoldFlags, RemoteFlag {
  readonly all?: boolean;
  readonly fromEventNumber?: number;
  readonly fromInconsistency?: boolean;
  readonly switch: boolean;
  readonly retire?: boolean;
  readonly parallel?: number;
  readonly detach?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function addProjectionRebuild(projection: Command): void {
  const rebuild = projection
    .command('rebuild')
    .description('build read models anew beside those that are read, and switch to them when they have caught up')
    .argument('[name...]', 'names of projections')
    .option('--all', 'every projection of the application')
    .option(
      '--from-event-number <n>',
      'refold only keys that events from this position on touch, and carry the other rows over',
      wholeNumber(1),
    )
    .option('--from-inconsistency', 'refold only keys whose rows are not what their events make of them')
    .option('--no-switch', 'leave the new build beside the one that is read; `projection switch` makes it that')
    .option('--retire', 'once the new build is read, drop those that are older than the one it replaces, which is kept for a rollback');
  withFoldOptions(rebuild)
    .option(
      '--parallel <n>',
      'fold in so many threads side by side; 1: in none of their own (default: as many as processors less one, and memory for them)',
      wholeNumber(1),
    )
    .option('--detach', 'leave it to a running service (always so with --remote)')
    .option('--dry-run', 'only say what would happen, and what it would cost')
    .addOption(remoteOption())
    .option('--json', 'as one JSON document')
    .action((names: string[], flags: RebuildFlags, command: Command) => runRebuild(names, flags, command));
}

async function runRebuild(names: readonly string[], flags: RebuildFlags, command: Command): Promise<void> {
  const { all = false, fromEventNumber, fromInconsistency = false, parallel, detach = false, dryRun = false, json = false, remote } = flags;
  if (fromEventNumber !== undefined && fromInconsistency)
    command.error('error: --from-event-number and --from-inconsistency exclude each other');
  if (all && names.length > 0) command.error('error: --all and names of projections exclude each other');
  if (flags.retire && !flags.switch) command.error('error: --retire and --no-switch exclude each other');
  const wanted: WantedRebuild = {
    projections: all ? 'all' : names,
    ...(fromEventNumber !== undefined && { fromEventNumber }),
    ...(fromInconsistency && { fromInconsistency }),
    ...(!flags.switch && { noSwitch: true }),
    ...(flags.retire && { retire: true }),
    ...(parallel !== undefined && { parallel }),
    ...foldArguments(flags),
  };
  if (!all && names.length === 0) throw new KirokuError('BadRequest', 'Name the projections, or say --all.');
  const operations = await operationsOf(command);
  const plan = await operations.planRebuild(wanted);
  if (dryRun && json) printJson(plan);
  else if (!json) printPlan(plan);
  if (dryRun) return;
  if (!detach && remote === undefined) return runHere(command, plan, json);
  const job = await operations.rebuildProjections(wanted);
  if (json) printJson(job);
  else print(`Job ${job.id} is queued. \`kiroku job show ${job.id}\` follows it.`);
}

async function runHere(command: Command, plan: RebuildPlan, json: boolean): Promise<void> {
  const installation = await installationOf(command);
  const stopped = new AbortController();
  const release = onInterrupt({ stop: () => stopped.abort(), force: () => process.exit(exitCodes.failed) });
  try {
    const report = await (async () => {
      using progress = jobProgress();
      const options = { wanted: plan.arguments, onProgress: progress.show, signal: stopped.signal };
      return rebuildProjections(installation, keysOf(installation), options);
    })();
    if (json) printJson(report);
    else printReport(report);
  } finally {
    release();
  }
}

function printPlan({ projections, events, passes, rate, seconds }: RebuildPlan): void {
  for (const { name, version, activeBuild, rows, bytes, followed, retires } of projections) {
    const now =
      activeBuild === undefined
        ? 'nothing is read of it yet'
        : `build ${activeBuild} is read: ${rows.toLocaleString('en')} rows, ${formatBytes(bytes)}`;
    printError(`${name} version ${version}: ${now}`);
    if (followed > 1) printError(`  ${followed} builds are followed already: every event is folded into each, and into one more then`);
    if (retires.length > 0) printError(`  dropped once the new one is read: build ${retires.join(', ')}`);
  }
  const times = passes === 1 ? '' : ` in about ${passes} passes`;
  const pace = rate === 0 ? '' : `, at about ${rate.toLocaleString('en')}/s, ${formatDuration(Math.max(seconds * 1_000, 1_000))}`;
  printError(`${events.toLocaleString('en')} events are read${times}${pace}. What is read now stays until it is retired.`);
}

function printReport({ projections, events, seconds, rate }: RebuildReport): void {
  for (const projection of projections) for (const line of linesOf(projection)) print(line);
  print(`${counted(events, 'event')} in ${formatDuration(Math.max(seconds * 1_000, 1_000))}, ${rate.toLocaleString('en')}/s.`);
}

function linesOf({ name, version, build, rows, parked, switched, retired, spare }: RebuiltProjection): readonly string[] {
  const read = switched ? 'is read now' : `is beside the one that is read; \`kiroku projection switch ${name} --build ${build}\` switches`;
  const folded = `${counted(rows, 'row')} folded${parked === 0 ? '' : `, ${parked.toLocaleString('en')} keys parked`}`;
  const dropped = retired.length === 0 ? [] : [`  retired: build ${retired.join(', ')}`];
  const needless =
    spare.length === 0
      ? []
      : [`  build ${spare.join(', ')}: needed no more, and followed; \`kiroku projection retire ${name} --yes\` drops what is`];
  return [`${colors.green('✓')} ${name} version ${version}, build ${build}: ${folded}; it ${read}.`, ...dropped, ...needless];
}
