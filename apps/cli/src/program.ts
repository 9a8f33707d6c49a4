import { Command, InvalidArgumentError } from 'commander';
import { addAlerts } from './commands/alerts.ts';
import { addAudit } from './commands/audit.ts';
import { addBackup } from './commands/backup.ts';
import { addConsumer } from './commands/consumer.ts';
import { addDb } from './commands/db.ts';
import { addDoctor } from './commands/doctor.ts';
import { addEvents } from './commands/events.ts';
import { addHealth } from './commands/health.ts';
import { addJob } from './commands/job.ts';
import { addLogs } from './commands/logs.ts';
import { addMigrate } from './commands/migrate.ts';
import { addProjection } from './commands/projection.ts';
import { addReplay } from './commands/replay.ts';
import { addRestart } from './commands/restart.ts';
import { addRestore } from './commands/restore.ts';
import { addSaga } from './commands/saga.ts';
import { addStatus } from './commands/status.ts';
import { addUp } from './commands/up.ts';

const exitCodeHelp = `
Exit codes: 0 done, 1 failed or unhealthy, 2 wrong command line, 3 degraded (health, status, alerts, doctor).`;

/** The command line. Throws commander's errors instead of ending the process. */
export function createProgram(): Command {
  const program = new Command('kiroku')
    .description('Runs and operates an event-sourced application.')
    .option('--config <file>', 'configuration file (default: kiroku.config.ts here or above)')
    .option('--as <name>', 'who does it, for the audit log (default: KIROKU_OPERATOR, or user@host)', someText)
    .option('--reason <text>', 'why, for the audit log', someText)
    .showSuggestionAfterError()
    .showHelpAfterError('(`kiroku help` lists the commands)')
    .addHelpText('after', exitCodeHelp)
    .exitOverride();
  for (const add of [
    addUp,
    addStatus,
    addHealth,
    addAlerts,
    addRestart,
    addLogs,
    addMigrate,
    addDb,
    addBackup,
    addRestore,
    addDoctor,
    addEvents,
    addProjection,
    addReplay,
    addSaga,
    addConsumer,
    addJob,
    addAudit,
  ])
    add(program);
  return program;
}

function someText(text: string): string {
  if (text.trim() !== '') return text.trim();
  throw new InvalidArgumentError('It must not be empty.');
}
