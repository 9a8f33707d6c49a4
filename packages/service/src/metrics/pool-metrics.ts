import type { Metrics } from './metrics.ts';

/** What a pool says of itself; those of `pg` do. */
export interface CountedPool {
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
}

/** Tells how far pools of connections are used. */
export function tellOfPools(metrics: Metrics, pools: Readonly<Record<string, CountedPool>>): void {
  metrics.atScrape((set) => {
    for (const [pool, { totalCount, idleCount, waitingCount }] of Object.entries(pools)) {
      set('poolConnections', totalCount - idleCount, { pool, state: 'busy' });
      set('poolConnections', idleCount, { pool, state: 'idle' });
      set('poolWaiting', waitingCount, { pool });
    }
  });
}
