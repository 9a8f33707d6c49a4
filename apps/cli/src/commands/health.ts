import type { Command } from 'commander';
import { healthOperationsOf } from '../operations/health-operations.ts';
import { remoteOption } from '../operations/operations.ts';
import { formatHealthRows, formatOverall, healthColumns, healthExitCode } from '../output/format-health.ts';
import { print, printJson, printTable } from '../output/print.ts';
import { addWaiting, lookWaiting, type WaitFlags } from './waiting.ts';

interface HealthFlags extends WaitFlags {
  readonly json?: boolean;
}

export function addHealth(program: Command): void {
  const command = program.command('health');
  addWaiting(command)
    .addOption(remoteOption())
    .option('--json', 'as one JSON document')
    .action(async ({ json = false, ...waiting }: HealthFlags) => {
      const operations = await healthOperationsOf(command);
      const report = await lookWaiting(() => operations.health(), waiting);
      if (json) printJson(report);
      else {
        printTable(healthColumns, formatHealthRows(report));
        print(`\n${formatOverall(report.state)}`);
      }
      process.exitCode = healthExitCode(report.state);
    });
}
