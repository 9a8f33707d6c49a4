import { migrateDatabases, migrationStatuses } from '@kiroku/operations';
import type { Command } from 'commander';
import { print, printJson, printJsonLine, printTable } from '../output/print.ts';
import { installationOf } from './global-options.ts';

interface JsonFlag {
  readonly json?: boolean;
}

export function addMigrate(program: Command): void {
  const migrate = program
    .command('migrate')
    .description('bring the three databases to the schema of this version')
    .option('--json', 'one JSON object per line')
    .action(async ({ json = false }: JsonFlag, command: Command) => {
      const count = await migrateDatabases(await installationOf(command), (database, { number, name }) => {
        if (json) printJsonLine({ database, number, name });
        else print(`${database}  ${number} ${name}`);
      });
      if (!json) print(count === 0 ? 'Everything is up to date.' : `${count} applied.`);
    });
  migrate
    .command('status')
    .description('show what is applied and what is pending')
    .action(async (_flags: unknown, command: Command) => {
      const states = await migrationStatuses(await installationOf(command));
      if (command.optsWithGlobals<JsonFlag>().json === true) return printJson(states);
      const rows = states.flatMap(({ database, applied, pending }) => [
        ...applied.map(({ number, name, appliedAt }) => [database, String(number), name, appliedAt.slice(0, 19).replace('T', ' ')]),
        ...pending.map(({ number, name }) => [database, String(number), name, 'pending']),
      ]);
      printTable(['database', 'number', 'name', 'applied'], rows);
    });
}
