import { health, type ServiceHealth } from '@kiroku/operations';
import type { Command } from 'commander';
import colors from 'picocolors';
import { exitCodes } from '../output/exit-codes.ts';
import { print, printJson } from '../output/print.ts';
import { installationOf } from './global-options.ts';
import { wholeNumber } from './numbers.ts';

interface HealthFlags {
  readonly json?: boolean;
  /** Seconds; `true` without a number. */
  readonly wait?: number | true;
}

const defaultWaitSeconds = 60;

export function addHealth(program: Command): void {
  program
    .command('health')
    .description('ask every service for its health and that of what it depends on; exit code 1 if one is not ready')
    .option('--wait [seconds]', `wait until all are ready, ${defaultWaitSeconds} s at most if no number is given`, wholeNumber(1))
    .option('--json', 'as one JSON document')
    .action(async ({ json = false, wait }: HealthFlags, command: Command) => {
      const seconds = wait === true ? defaultWaitSeconds : (wait ?? 0);
      const report = await health(await installationOf(command), { waitMs: seconds * 1_000 });
      if (json) printJson(report);
      else for (const service of report.services) printService(service);
      if (!report.healthy) process.exitCode = exitCodes.failed;
    });
}

function printService({ name, state, ready, reason, dependencies }: ServiceHealth): void {
  print(`${mark(ready)} ${name}  ${state}${reason === undefined ? '' : `: ${reason}`}`);
  for (const dependency of dependencies) {
    const latency = dependency.latencyMs === undefined ? '' : colors.dim(`  ${dependency.latencyMs} ms`);
    const why = dependency.reason === undefined ? '' : `: ${dependency.reason}`;
    print(`    ${mark(dependency.state === 'up')} ${dependency.name}  ${dependency.state}${why}${latency}`);
  }
}

function mark(good: boolean): string {
  return good ? colors.green('✓') : colors.red('✗');
}
