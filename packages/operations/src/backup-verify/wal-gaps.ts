import type { BackupManifest } from '@kiroku/backup';
import { parseLsn, parseSegment, segmentAt } from '@kiroku/postgres';
import { walReach } from '../restore/wal-reach.ts';

export interface WalGap {
  /** The first segment that is missing. */
  readonly segment: string;
  /** From which one gets no further than that. */
  readonly afterBackup: string;
}

type Backup = Pick<BackupManifest, 'id' | 'finishedAt' | 'physical'>;

/**
 * What is missing in the write-ahead log that is kept: for each segment, the newest backup before it. A backup that was made before the log was kept at
 * all misses nothing.
 */
export function walGaps(backups: readonly Backup[], archived: readonly string[]): readonly WalGap[] {
  const found = new Map<string, string>();
  for (const backup of backups) {
    if (!wasKept(backup, archived)) continue;
    const { gap } = walReach(backup, { archived, live: [] });
    if (gap !== undefined) found.set(gap, backup.id);
  }
  return [...found].map(([segment, afterBackup]) => ({ segment, afterBackup }));
}

/** Whether the log was kept when the backup ended: a segment that it is written in, or one before, is there. */
function wasKept({ physical }: Backup, archived: readonly string[]): boolean {
  if (physical === undefined) return false;
  const { walTimeline, walSegmentBytes, stopLsn } = physical;
  const stop = segmentAt(walTimeline, parseLsn(stopLsn), walSegmentBytes).number;
  return archived.some((name) => (parseSegment(name, walSegmentBytes)?.number ?? stop + 1n) <= stop);
}
