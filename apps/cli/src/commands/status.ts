import { type DatabaseStatus, type ServiceStatus, status } from '@kiroku/operations';
import type { Command } from 'commander';
import colors from 'picocolors';
import { formatDuration } from '../output/duration.ts';
import { formatProjectionRow, projectionColumns } from '../output/format-projection.ts';
import { print, printJson, printTable } from '../output/print.ts';
import { installationOf } from './global-options.ts';

export function addStatus(program: Command): void {
  program
    .command('status')
    .description('show which services, databases and projections are there, and how they are')
    .option('--json', 'as one JSON document')
    .action(async ({ json = false }: { readonly json?: boolean }, command: Command) => {
      const found = await status(await installationOf(command));
      if (json) return printJson(found);
      print(
        found.supervisor === undefined ? 'Nothing was started here (`kiroku up` does).' : `Supervised by process ${found.supervisor.pid}.`,
      );
      print();
      printTable(['service', 'state', 'url', 'pid', 'up', 'restarts'], found.services.map(serviceRow));
      print();
      printTable(['database', 'state', 'migration'], found.databases.map(databaseRow));
      if (found.projections !== undefined && found.projections.length > 0) {
        print();
        printTable(projectionColumns, found.projections.map(formatProjectionRow));
      }
      for (const { name, warning } of found.databases) if (warning !== undefined) print(colors.yellow(`\n${name}: ${warning}`));
    });
}

function serviceRow({ name, ready, reason, url, pid, startedAt, restarts }: ServiceStatus): readonly string[] {
  const state = ready ? colors.green('ready') : colors.red(`not ready: ${reason ?? 'it gave no reason'}`);
  const uptime = startedAt === undefined ? '-' : formatDuration(Date.now() - Date.parse(startedAt));
  return [name, state, url, pid === undefined ? '-' : String(pid), uptime, String(restarts)];
}

function databaseRow({ name, reachable, migration, pending, reason }: DatabaseStatus): readonly string[] {
  if (reason !== undefined) return [name, colors.red(`${reachable ? 'refused' : 'unreachable'}: ${reason}`), '-'];
  return [name, colors.green('reachable'), pending === 0 ? `${migration}, up to date` : colors.yellow(`${migration}, ${pending} pending`)];
}
