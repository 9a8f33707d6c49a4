import type { Command } from 'commander';
import { addCacheClear } from './cache-clear.ts';
import { addCacheStats } from './cache-stats.ts';
import { addCacheWarmup } from './cache-warmup.ts';

export function addCache(program: Command): void {
  const cache = program.command('cache');
  addCacheStats(cache);
  addCacheClear(cache);
  addCacheWarmup(cache);
}
