import type { Command } from 'commander';
import { cacheOperationsOf } from '../operations/cache-operations.ts';
import { remoteOption } from '../operations/operations.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { printCaches } from '../output/format-cache.ts';
import { printJson } from '../output/print.ts';

export function addCacheStats(cache: Command): void {
  cache
    .command('stats')
    .description('what each process keeps, and how often it was there; exit code 1 if one cannot be reached')
    .addOption(remoteOption())
    .option('--json', 'as a JSON array')
    .action(async ({ json = false }: { readonly json?: boolean }, command: Command) => {
      const caches = await (await cacheOperationsOf(command)).listCaches();
      if (json) printJson(caches);
      else printCaches(caches);
      if (caches.some((each) => each.cache === undefined)) process.exitCode = exitCodes.failed;
    });
}
