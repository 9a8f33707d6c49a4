import { setTimeout as sleep } from 'node:timers/promises';
import type { AlertState } from '@kiroku/operations';
import { type Command, Option } from 'commander';
import { alertsOf, type SeenAlerts } from '../operations/alert-operations.ts';
import { remoteOption } from '../operations/operations.ts';
import { AlertChanges } from '../output/alert-changes.ts';
import { alertColumns, alertRow, alertsExitCode, formatWatched, formatWithoutData } from '../output/format-alerts.ts';
import { print, printJson, printJsonLine, printTable } from '../output/print.ts';
import { onInterrupt } from './interrupts.ts';

interface AlertFlags {
  readonly state?: AlertState;
  readonly watch?: boolean;
  readonly json?: boolean;
}

const askEveryMs = 2_000;

export function addAlerts(program: Command): void {
  const command = program
    .command('alerts')
    .addOption(new Option('--state <state>', 'only those').choices(['firing', 'pending', 'resolved']))
    .option('--watch', 'go on, and tell what changes, until Ctrl-C')
    .addOption(remoteOption())
    .option('--json', 'as one JSON document; with --watch, one a line')
    .action(async (flags: AlertFlags) => {
      const look = await alertsOf(command);
      if (flags.watch === true) await watch(look, flags);
      else show(await look(), flags);
    });
}

function show({ report, watched }: SeenAlerts, { state, json = false }: AlertFlags): void {
  const alerts = report.alerts.filter((alert) => state === undefined || alert.state === state);
  process.exitCode = alertsExitCode(report);
  if (json) {
    printJson({ ...report, watched, alerts });
    return;
  }
  if (alerts.length > 0) {
    printTable(
      alertColumns,
      alerts.map((alert) => alertRow(alert, report)),
    );
    print();
  }
  print(formatWatched(report, watched));
  const unknown = formatWithoutData(report);
  if (unknown !== undefined) print(unknown);
}

/** Each report that brings something new; of the first, everything. */
async function watch(look: () => Promise<SeenAlerts>, { state, json = false }: AlertFlags): Promise<void> {
  const stopped = new AbortController();
  const release = onInterrupt({ stop: () => stopped.abort(), force: () => process.exit() });
  const changes = new AlertChanges();
  try {
    while (!stopped.signal.aborted) {
      const { report, watched } = await look();
      const changed = changes.since(report.alerts, { watched }).filter((alert) => state === undefined || alert.state === state);
      process.exitCode = alertsExitCode(report);
      if (json && changed.length > 0) printJsonLine({ ...report, watched, alerts: changed });
      else for (const alert of changed) print(alertRow(alert, report).join('  '));
      await sleep(askEveryMs, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  } finally {
    release();
  }
}
