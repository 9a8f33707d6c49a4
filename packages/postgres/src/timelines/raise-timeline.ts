import { KirokuError } from '@kiroku/core';
import { hashOfEmptyLog } from '../chain/commit-hash.ts';
import type { Pool } from '../pool.ts';
import { rowsOf } from '../rows-of.ts';
import { inTransaction } from '../transaction.ts';
import type { LogRestore } from './log-restore.ts';
import { readLogHistory } from './read-log-history.ts';

export interface RaiseTimelineOptions {
  /** Id of the backup that was restored. */
  readonly backup: string;
  /** Who restored it. */
  readonly by: string;
  /** The greatest timeline known from elsewhere: of the live log, or of backups. Default: what the restored log knows. */
  readonly above?: number;
  /** `forks` of the live log, which the restored one cannot know of. Default none. */
  readonly known?: readonly LogRestore[];
}

/**
 * Begins a timeline at the end of a restored log: whatever was noted of positions after it counts as of another history from now on. `pool`: of the
 * restored event_store, as its owner or a superuser. Throws `DatabaseUnavailable`, or `LogMismatch` if the log has lost its identity.
 */
export async function raiseTimeline(pool: Pool, { backup, by, above = 0, known = [] }: RaiseTimelineOptions): Promise<LogRestore> {
  return inTransaction(pool, 'begin', async (client) => {
    await rowsOf(client, 'timelines/lock_appends');
    const { log } = await readLogHistory(client); // after the lock: a statement sees what was committed before it began
    const values = [backup, by, above, hashOfEmptyLog(log.id), JSON.stringify(known)];
    const [raised] = await rowsOf<LogRestore>(client, 'timelines/raise_timeline', values);
    if (raised === undefined) throw new KirokuError('LogMismatch', 'The row in kiroku.log is gone, so the log has no timeline to raise.');
    return raised;
  });
}
