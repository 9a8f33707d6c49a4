import type { Command } from 'commander';
import { healthOperationsOf } from '../operations/health-operations.ts';
import { remoteOption } from '../operations/operations.ts';
import { formatOverall, healthExitCode } from '../output/format-health.ts';
import { formatSafety } from '../output/format-safety.ts';
import { formatStatusRows, statusColumns } from '../output/format-status.ts';
import { print, printJson, printTable } from '../output/print.ts';
import { addWaiting, lookWaiting, type WaitFlags } from './waiting.ts';

interface StatusFlags extends WaitFlags {
  readonly remote?: string;
  readonly json?: boolean;
}

export function addStatus(program: Command): void {
  const command = program.command('status');
  addWaiting(command)
    .addOption(remoteOption())
    .option('--json', 'as one JSON document')
    .action(async ({ remote, json = false, ...waiting }: StatusFlags) => {
      const operations = await healthOperationsOf(command);
      const found = await lookWaiting(() => operations.status(), waiting);
      process.exitCode = healthExitCode(found.state);
      if (json) return printJson(found);
      const { supervisor } = found;
      if (remote === undefined) {
        print(supervisor === undefined ? 'No supervisor runs here (`kiroku up` is one).' : `Supervised by process ${supervisor.pid}.`);
        print();
      }
      printTable(statusColumns, formatStatusRows(found, Date.now()));
      if (found.safety !== undefined) print(`\n${formatSafety(found.safety, Date.now())}`);
      print(`\n${formatOverall(found.state)}`);
    });
}
