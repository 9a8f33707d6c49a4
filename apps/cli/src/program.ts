import { Command } from 'commander';
import { addEvents } from './commands/events.ts';
import { addHealth } from './commands/health.ts';
import { addMigrate } from './commands/migrate.ts';
import { addStatus } from './commands/status.ts';
import { addUp } from './commands/up.ts';

const exitCodeHelp = `
Exit codes: 0 done, 1 failed or unhealthy, 2 wrong command line.`;

/** The command line. Throws commander's errors instead of ending the process. */
export function createProgram(): Command {
  const program = new Command('kiroku')
    .description('Runs and operates an event-sourced application.')
    .option('--config <file>', 'configuration file (default: kiroku.config.ts here or above)')
    .showSuggestionAfterError()
    .showHelpAfterError('(`kiroku help` lists the commands)')
    .addHelpText('after', exitCodeHelp)
    .exitOverride();
  for (const add of [addUp, addStatus, addHealth, addMigrate, addEvents]) add(program);
  return program;
}
