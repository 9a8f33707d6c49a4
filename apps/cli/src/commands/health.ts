import { type HealthReport, health, isFaulty, type ProjectionStatus, type ServiceHealth } from '@kiroku/operations';
import type { Command } from 'commander';
import colors from 'picocolors';
import { exitCodes } from '../output/exit-codes.ts';
import { formatLag, formatProjectionState } from '../output/format-projection.ts';
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
    .description(
      'ask every service for its health and that of what it depends on, and see how far projections are; exit code 1 if one is not ready, or stands still',
    )
    .option('--wait [seconds]', `wait until all are ready, ${defaultWaitSeconds} s at most if no number is given`, wholeNumber(1))
    .option('--json', 'as one JSON document')
    .action(async ({ json = false, wait }: HealthFlags, command: Command) => {
      const seconds = wait === true ? defaultWaitSeconds : (wait ?? 0);
      const report = await health(await installationOf(command), { waitMs: seconds * 1_000 });
      if (json) printJson(report);
      else printReport(report);
      if (!report.healthy) process.exitCode = exitCodes.failed;
    });
}

function printReport({ services, projections = [] }: HealthReport): void {
  for (const service of services) printService(service);
  if (projections.length > 0) print('projections');
  for (const projection of projections) print(`    ${mark(!isFaulty(projection))} ${projectionLine(projection)}`);
}

function projectionLine(status: ProjectionStatus): string {
  const { projection, version, lag, parkedKeys, activeBuild } = status;
  const behind = activeBuild === undefined || lag.events === 0 ? '' : colors.dim(`  behind ${formatLag(lag)}`);
  const parked = parkedKeys === 0 ? '' : colors.yellow(`  ${parkedKeys} parked`);
  return `${projection}@${version}  ${formatProjectionState(status)}${behind}${parked}`;
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
