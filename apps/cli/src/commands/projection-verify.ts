import {
  describeRowFinding,
  describeUnfoldable,
  type Installation,
  type ProjectionVerifyArguments,
  type ProjectionVerifyReport,
  type VerifiedProjection,
  verifiable,
  verifyProjections,
} from '@kiroku/operations';
import type { Command } from 'commander';
import colors from 'picocolors';
import { keysOf } from '../installation/keys-of.ts';
import { operationsOf, type RemoteFlag, remoteOption } from '../operations/operations.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { counted } from '../output/format-count.ts';
import { jobProgress } from '../output/job-progress.ts';
import { print, printError, printJson } from '../output/print.ts';
import { type FoldFlags, foldArguments, withFoldOptions } from './fold-options.ts';
import { onInterrupt } from './interrupts.ts';
import { useProjections } from './projection-stores.ts';

interface VerifyFlags extends FoldFlags, RemoteFlag {
  readonly all?: boolean;
  readonly fix?: boolean;
  readonly incremental?: boolean;
  readonly detach?: boolean;
  readonly json?: boolean;
}

export function addProjectionVerify(projection: Command): void {
  const verify = projection
    .command('verify')
    .description('compare read models with the log, while they are in use; exit code 1 if something is wrong')
    .argument('[name...]', 'names of projections (default: all)')
    .option('--all', 'every projection of the application, as without names')
    .option('--fix', 'write the rows that are wrong anew, and verify again; noted in the audit log')
    .option('--incremental', 'go on from what the last such verification had folded: cheap, for a schedule');
  withFoldOptions(verify)
    .option('--detach', 'leave it to a running service (always so with --remote)')
    .addOption(remoteOption())
    .option('--json', 'as one JSON document')
    .action((names: string[], flags: VerifyFlags, command: Command) => runVerify(names, flags, command));
}

async function runVerify(names: readonly string[], flags: VerifyFlags, command: Command): Promise<void> {
  const { all = false, fix = false, incremental = false, detach = false, json = false, remote } = flags;
  if (all && names.length > 0) command.error('error: --all and names of projections exclude each other');
  const options = { ...(fix && { fix }), ...(incremental && { incremental }), ...foldArguments(flags) };
  if (detach || remote !== undefined) {
    const operations = await operationsOf(command);
    const job = await operations.verifyProjections({ ...options, projections: names.length === 0 ? 'all' : names });
    if (json) printJson(job);
    else print(`Job ${job.id} is queued. \`kiroku job show ${job.id}\` follows it.`);
    return;
  }
  await useProjections(command, async (stores, installation) => {
    const report = await runHere(installation, { ...options, projections: verifiable(stores, names) });
    if (json) printJson(report);
    else for (const verified of report.projections) printVerified(verified);
    if (report.total > 0) process.exitCode = exitCodes.failed;
  });
}

async function runHere(installation: Installation, wanted: ProjectionVerifyArguments): Promise<ProjectionVerifyReport> {
  const stopped = new AbortController();
  const release = onInterrupt({ stop: () => stopped.abort(), force: () => process.exit(exitCodes.failed) });
  try {
    using progress = jobProgress();
    return await verifyProjections(installation, keysOf(installation), { wanted, onProgress: progress.show, signal: stopped.signal });
  } finally {
    release();
  }
}

function printVerified(verified: VerifiedProjection): void {
  const { name, version, build, rows, total, findings, unfoldable, unfoldableRows, parked, parkedKeys, positions, fixed } = verified;
  for (const finding of findings) print(`${colors.red('✗')} ${name} ${describeRowFinding(finding)}`);
  for (const row of unfoldableRows) print(`${colors.red('✗')} ${name} ${describeUnfoldable(row)}`);
  const listed = findings.length + unfoldableRows.length;
  if (total > listed) print(`… and ${(total - listed).toLocaleString('en')} more`);
  for (const { table, keyText } of parkedKeys) print(`${colors.yellow('!')} ${name} parked     ${table} ${keyText}`);
  if (parked > parkedKeys.length) print(`… and ${(parked - parkedKeys.length).toLocaleString('en')} more are parked`);
  const written = fixed === undefined ? '' : ` ${fixed.toLocaleString('en')} ${fixed === 1 ? 'row was' : 'rows were'} written anew before.`;
  const what = `${name} version ${version}, build ${build}: ${counted(rows, 'row')} at position ${Math.min(...positions)}`;
  if (total === 0) print(`${colors.green('✓')} ${what} are what the events make of them.${written}`);
  else {
    const others = unfoldable === 0 ? '' : `, ${unfoldable} that this code cannot fold`;
    printError(`${what}: ${verified.missing} missing, ${verified.extra} extra, ${verified.differing} differing${others}.${written}`);
  }
}
