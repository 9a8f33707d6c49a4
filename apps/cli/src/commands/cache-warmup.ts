import { requireWarmable } from '@kiroku/operations';
import { type Command, InvalidArgumentError } from 'commander';
import { cacheOperationsOf } from '../operations/cache-operations.ts';
import { remoteOption } from '../operations/operations.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { printCaches, printWarmed } from '../output/format-cache.ts';
import { print, printJson } from '../output/print.ts';
import { wholeNumber } from './numbers.ts';

interface WarmupFlags {
  readonly entities: readonly string[];
  readonly limit?: number;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function addCacheWarmup(cache: Command): void {
  cache
    .command('warmup')
    .description('ask for answers about entities, so that they are kept before clients ask; takes a minute at most')
    .requiredOption('--entities <names>', 'of what: products,categories,customers; `cache stats` lists what there is', namesOf)
    .option('--limit <n>', 'rows of each that are asked about, at most (default: 1000)', wholeNumber(1))
    .option('--dry-run', 'only say what would happen')
    .addOption(remoteOption())
    .option('--json', 'as a JSON array')
    .action(async ({ entities, limit, dryRun = false, json = false }: WarmupFlags, command: Command) => {
      const operations = await cacheOperationsOf(command);
      const warmup = { entities, ...(limit !== undefined && { limit }) };
      if (!dryRun) {
        const warmed = await operations.warmUpCaches(warmup);
        if (json) printJson(warmed);
        else printWarmed(warmed);
        return;
      }
      const caches = await operations.listCaches();
      requireWarmable(caches, warmup);
      if (json) printJson(caches);
      else {
        printCaches(caches);
        print(`\nWould ask for answers about ${entities.join(', ')}. Leave out --dry-run to do it.`);
      }
      if (caches.some((each) => each.cache === undefined)) process.exitCode = exitCodes.failed;
    });
}

function namesOf(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.every((name) => name !== '')) return names;
  throw new InvalidArgumentError('It must be names with commas between them: products,categories.');
}
