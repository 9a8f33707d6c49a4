import { KirokuError, type LogHistory } from '@kiroku/core';
import type { Pool } from '../pool.ts';
import { rowsOf } from '../rows-of.ts';
import type { LogRestore } from './log-restore.ts';

/** A log's history, with what is known of each restore; the oldest first. */
export interface RecordedHistory extends LogHistory {
  readonly forks: readonly LogRestore[];
}

type TimelineRow = { readonly id: string; readonly present: number } & (LogRestore | { readonly timeline: null });

/** Reads where the timelines of a log left each other. Throws `DatabaseUnavailable`, or `LogMismatch` if the log has lost its identity. */
export async function readLogHistory(db: Pick<Pool, 'query'>): Promise<RecordedHistory> {
  const rows = await rowsOf<TimelineRow>(db, 'timelines/read_timelines');
  const [first] = rows;
  if (first === undefined) throw new KirokuError('LogMismatch', 'The row in kiroku.log is gone. Restore the database from a backup.');
  const forks = rows.flatMap((row) => (row.timeline === null ? [] : [restoreOf(row)]));
  return { log: { id: first.id, timeline: first.present }, forks };
}

function restoreOf({ timeline, parent, afterPosition, hash, restoredAt, backup, restoredBy }: LogRestore): LogRestore {
  return { timeline, parent, afterPosition, hash, restoredAt, backup, restoredBy };
}
