import { OperationsClient } from '@kiroku/client';
import {
  type DoctorOptions,
  type DoctorReport,
  doctorOf,
  runDoctor,
  type ServiceDoctorReport,
  type TreatedFinding,
} from '@kiroku/operations';
import type { Command } from 'commander';
import { keysOf } from '../installation/keys-of.ts';
import { type GlobalFlags, readOperator } from '../installation/read-installation.ts';
import { type RemoteFlag, remoteOption } from '../operations/operations.ts';
import { canAsk, isAgreedTo } from '../output/ask.ts';
import { doctorExitCode, formatDoctorEnd, formatFinding, formatNotMade } from '../output/format-doctor.ts';
import { print, printError, printJson } from '../output/print.ts';
import { installationOf } from './global-options.ts';

interface DoctorFlags extends RemoteFlag {
  readonly fix?: boolean;
  readonly yes?: boolean;
  readonly only?: readonly string[];
  readonly json?: boolean;
}

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .option('--fix', 'repair what can be repaired; asks first')
    .option('--yes', 'with --fix: do not ask')
    .option('--only <check...>', 'make these checks alone, such as read-models or process-managers')
    .addOption(remoteOption())
    .option('--json', 'as one JSON document')
    .action(async ({ fix = false, yes = false, only, remote, json = false }: DoctorFlags, command: Command) => {
      if (remote !== undefined) {
        if (fix) command.error('error: --fix works on the databases themselves: run it where they can be reached, without --remote');
        await lookThrough(remote, { command, only, json });
        return;
      }
      const installation = await installationOf(command);
      const options = await doctorOf(installation, keysOf(installation));
      const chosen = only === undefined ? {} : { only };
      const onFinding = json ? () => undefined : (finding: TreatedFinding) => print(formatFinding(finding));
      let report = yes && fix ? undefined : await runDoctor(options, { ...chosen, onFinding });
      if (fix && (report === undefined || (await mayFix(report)))) report = await repair(options, { ...chosen, onFinding });
      if (report === undefined) return;
      if (json) printJson(report);
      else print(formatDoctorEnd(report));
      process.exitCode = doctorExitCode(report);
    });
}

/** The gateway looks, within its time. */
async function lookThrough(
  url: string,
  { command, only, json }: { readonly command: Command; readonly only: readonly string[] | undefined; readonly json: boolean },
): Promise<void> {
  const operator = readOperator(command.optsWithGlobals<GlobalFlags>());
  const report = (await new OperationsClient({ url, operator }).runDoctor(only)) as ServiceDoctorReport; // what is absent in JSON is undefined there
  if (json) printJson(report);
  else {
    for (const finding of report.findings) print(formatFinding(finding, 'elsewhere'));
    for (const each of report.notMade) print(formatNotMade(each));
    print(formatDoctorEnd(report));
  }
  process.exitCode = doctorExitCode(report);
}

function repair(options: DoctorOptions, run: { readonly only?: readonly string[]; readonly onFinding: (finding: TreatedFinding) => void }) {
  return runDoctor(options, { ...run, fix: true });
}

/** Asks in a terminal; elsewhere nobody can answer. */
async function mayFix({ findings }: DoctorReport): Promise<boolean> {
  const count = findings.filter(({ fix }) => fix !== undefined).length;
  if (count === 0) return false;
  if (!canAsk()) {
    printError('Say --yes to repair them.');
    return false;
  }
  return isAgreedTo(`Repair ${count === 1 ? 'it' : `these ${count}`}?`);
}
