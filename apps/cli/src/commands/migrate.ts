import { type Installation, migrateDatabases, migrationStatuses } from '@kiroku/operations';
import type { Command } from 'commander';
import { print, printJson, printJsonLine, printTable } from '../output/print.ts';
import { installationOf } from './global-options.ts';

type Tell = (database: string, migration: { readonly number: number; readonly name: string }) => void;

interface JsonFlag {
  readonly json?: boolean;
}
interface MigrateFlags extends JsonFlag {
  readonly dryRun?: boolean;
}

export function addMigrate(program: Command): void {
  const migrate = program
    .command('migrate')
    .option('--dry-run', 'only say what is pending')
    .option('--json', 'one JSON object per line')
    .action(async ({ dryRun = false, json = false }: MigrateFlags, command: Command) => {
      const installation = await installationOf(command);
      const tell: Tell = (database, { number, name }) => {
        if (json) printJsonLine({ database, number, name });
        else print(`${database}  ${number} ${name}`);
      };
      const count = dryRun ? await tellPending(installation, tell) : await migrateDatabases(installation, tell);
      if (!json) print(count === 0 ? 'Everything is up to date.' : `${count} ${dryRun ? 'pending' : 'applied'}.`);
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

async function tellPending(installation: Installation, tell: Tell): Promise<number> {
  const all = (await migrationStatuses(installation)).flatMap(({ database, pending }) =>
    pending.map((migration) => ({ database, migration })),
  );
  for (const { database, migration } of all) tell(database, migration);
  return all.length;
}
