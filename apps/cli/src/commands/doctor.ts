import { OperationsClient } from '@kiroku/client';
import { type DoctorOptions, type DoctorReport, type DoctorRun, doctorOf, runDoctor, type ServiceDoctorReport } from '@kiroku/operations';
import type { Command } from 'commander';
import { keysOf } from '../installation/keys-of.ts';
import { type GlobalFlags, readOperator } from '../installation/read-installation.ts';
import { type RemoteFlag, remoteOption } from '../operations/operations.ts';
import { canAsk, isAgreedTo } from '../output/ask.ts';
import { doctorExitCode, formatDoctorEnd, formatFinding, formatNotMade } from '../output/format-doctor.ts';
import { print, printError, printJson } from '../output/print.ts';
import { ToldFindings } from '../output/told-findings.ts';
import { waitingLine } from '../output/waiting-line.ts';
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
      const look: DoctorRun = only === undefined ? {} : { only };
      const run = json ? runDoctor : tellingRun;
      let report = yes && fix ? undefined : await run(options, look);
      if (fix && (report === undefined || (await mayFix(report)))) report = await run(options, { ...look, fix: true });
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
    const told = new ToldFindings();
    for (const finding of report.findings) if (told.take(finding)) print(formatFinding(finding, 'elsewhere'));
    for (const line of told.left()) print(line);
    for (const each of report.notMade) print(formatNotMade(each));
    print(formatDoctorEnd(report));
  }
  process.exitCode = doctorExitCode(report);
}

/** Prints what is found when it is, and meanwhile what it waits for. */
async function tellingRun(options: DoctorOptions, run: DoctorRun): Promise<DoctorReport> {
  using waiting = waitingLine();
  const told = new ToldFindings();
  waiting.show('asking the databases');
  const report = await runDoctor(options, {
    ...run,
    onCheck: (name, nth, of) => waiting.show(`check ${nth} of ${of}: ${name}`),
    onFinding: (finding) => {
      if (!told.take(finding)) return;
      waiting.clear();
      print(formatFinding(finding));
    },
  });
  waiting.clear();
  for (const line of told.left()) print(line);
  return report;
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
