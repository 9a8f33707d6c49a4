import { requireCached } from '@kiroku/operations';
import type { Command } from 'commander';
import { cacheOperationsOf } from '../operations/cache-operations.ts';
import { remoteOption } from '../operations/operations.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { printCaches } from '../output/format-cache.ts';
import { formatCount } from '../output/format-count.ts';
import { print, printJson, printTable } from '../output/print.ts';

interface ClearFlags {
  readonly query?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function addCacheClear(cache: Command): void {
  cache
    .command('clear')
    .description('give up what is kept, so that it is read again: costs time, and nothing else')
    .option('--query <name>', 'only answers to this query, as `cache stats` lists them')
    .option('--dry-run', 'only say what would happen')
    .addOption(remoteOption())
    .option('--json', 'as a JSON array')
    .action(async ({ query, dryRun = false, json = false }: ClearFlags, command: Command) => {
      const operations = await cacheOperationsOf(command);
      if (dryRun) {
        const caches = await operations.listCaches();
        if (query !== undefined) requireCached(caches, 'queries', [query]);
        if (json) printJson(caches);
        else {
          printCaches(caches);
          print(`\nWould clear ${query === undefined ? 'all answers' : `answers to ${query}`}. Leave out --dry-run to do it.`);
        }
        if (caches.some((each) => each.cache === undefined)) process.exitCode = exitCodes.failed;
        return;
      }
      const cleared = await operations.clearCaches(query === undefined ? {} : { query });
      if (json) printJson(cleared);
      else
        printTable(
          ['service', 'cleared', 'url'],
          cleared.map((each) => [each.service, formatCount(each.cleared), each.url]),
        );
    });
}
