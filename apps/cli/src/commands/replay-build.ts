import type { Job } from '@kiroku/core';
import { type ReplayChoice, type ReplayPlan, type ReplayReport, replay } from '@kiroku/operations';
import { type Command, Option } from 'commander';
import { keysOf } from '../installation/keys-of.ts';
import { momentOperationsOf } from '../operations/moment-operations.ts';
import { type RemoteFlag, remoteOption } from '../operations/operations.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { formatBytes } from '../output/format-bytes.ts';
import { jobProgress } from '../output/job-progress.ts';
import { print, printJson, printTable } from '../output/print.ts';
import { memoryOption } from './fold-options.ts';
import { installationOf } from './global-options.ts';
import { onInterrupt } from './interrupts.ts';
import { positionOrMoment } from './moments.ts';

interface ReplayFlags extends RemoteFlag {
  readonly until: number | string;
  readonly into?: string;
  readonly replace?: boolean;
  /** Bytes. */
  readonly memory?: number;
  readonly detach?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** What `kiroku replay` does without another verb: as a command of its own, because commander gives options that both have to the outer one. */
export function addReplayBuild(replay: Command): void {
  replay
    .command('build', { isDefault: true })
    .description('build them as of a position or time; `build` may be left out')
    .argument('[name...]', 'names of projections (default: all)')
    .addOption(
      new Option('--until <position or time>', 'build what the events up to this position, or recorded by this time, amount to')
        .argParser(positionOrMoment)
        .makeOptionMandatory(),
    )
    .option('--into <name>', 'name of the moment, with which its schemas begin (default: at_<position>)')
    .option('--replace', 'build anew what is built already')
    .addOption(memoryOption())
    .option('--detach', 'leave it to a running service (always so with --remote)')
    .option('--dry-run', 'only say what would be built')
    .addOption(remoteOption())
    .option('--json', 'as one JSON document')
    .action(async (names: string[], flags: ReplayFlags, command: Command) => build(command, { names, ...flags }, flags));
}

async function build(
  command: Command,
  { until, names, into, replace }: ReplayChoice,
  { memory, detach = false, dryRun = false, json = false, remote }: ReplayFlags,
): Promise<void> {
  const choice: ReplayChoice = {
    until,
    ...(names && { names }),
    ...(into !== undefined && { into }),
    ...(replace !== undefined && { replace }),
    ...(memory !== undefined && { memoryBytes: memory }),
  };
  const operations = await momentOperationsOf(command);
  if (!dryRun && (detach || remote !== undefined)) return printQueued(await operations.queueReplay(choice), json);
  const plan = await operations.planReplay(choice);
  if (dryRun) return printPlan(plan, json);
  const report = await run(command, plan);
  if (json) return printJson(report);
  print(`${report.moment}: as of position ${report.position}, recorded at ${report.recordedAt}`);
  printTable(['projection', 'schema', 'size', 'parked keys'], report.projections.map(reportRow));
}

async function run(command: Command, plan: ReplayPlan): Promise<ReplayReport> {
  const installation = await installationOf(command);
  const stopped = new AbortController();
  const release = onInterrupt({ stop: () => stopped.abort(), force: () => process.exit(exitCodes.failed) });
  using progress = jobProgress();
  try {
    return await replay(installation, plan, { keys: keysOf(installation), onProgress: progress.show, signal: stopped.signal });
  } finally {
    release();
  }
}

function printQueued(job: Job, json: boolean): void {
  if (json) printJson(job);
  else print(`Job ${job.id} is queued. \`kiroku job show ${job.id}\` follows it.`);
}

function reportRow({ projection, version, schema, bytes, parkedKeys }: ReplayReport['projections'][number]): string[] {
  return [`${projection} version ${version}`, schema, formatBytes(bytes), String(parkedKeys)];
}

function printPlan({ arguments: wanted, schemas }: ReplayPlan, json: boolean): void {
  const { moment, projections } = wanted;
  if (json) {
    printJson({ moment, projections: projections.map((projection, index) => ({ ...projection, schema: schemas[index] })) });
    return;
  }
  print(`${moment.name}: as of position ${moment.position}, recorded at ${moment.recordedAt}; so many events would be read.`);
  for (const [index, { name, version }] of projections.entries()) print(`would build ${name} version ${version} in ${schemas[index]}`);
}
