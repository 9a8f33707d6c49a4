import type { Pool } from '../pool.ts';
import { rowsOf } from '../rows-of.ts';

/** What a recovery can end with. */
export interface LogCommit {
  readonly lastPosition: number;
  /** ISO 8601. */
  readonly recordedAt: string;
  /** Its transaction. */
  readonly xid: string;
  /** `null` if it is the last. */
  readonly nextRecordedAt: string | null;
}

/** The commit that holds a position; `undefined` after the end of the log. `pool`: of event_store. Throws `DatabaseUnavailable`. */
export async function findCommit(pool: Pool, position: number): Promise<LogCommit | undefined> {
  return (await rowsOf<LogCommit>(pool, 'recovery/find_commit', [position]))[0];
}
