import type { BackupManifest } from '@kiroku/backup';
import { parseLsn, parseSegment, segmentAt, segmentBefore, segmentName } from '@kiroku/postgres';

/** A piece of the write-ahead log that is kept and cannot be read. */
export interface DamagedWal {
  readonly segment: string;
  readonly reason: string;
  /** The newest backup from which one gets no further. Absent: none needs it. */
  readonly afterBackup?: string;
  /** The segment before it: from that backup, everything up to its end can be restored. Absent for the history of a timeline. */
  readonly until?: string;
  /** The first backup after it, with which everything can be restored from then on. */
  readonly nextBackup?: string;
}

type Backup = Pick<BackupManifest, 'id' | 'physical'>;

/** What damage to pieces of log means for backups, of which the oldest come first. */
export function walDamage(backups: readonly Backup[], faults: ReadonlyMap<string, string>): readonly DamagedWal[] {
  return [...faults].map(([segment, reason]) => {
    const needing = backups.filter((backup) => needs(backup, segment));
    const afterBackup = needing.at(-1);
    const next = backups.find(
      (backup) => backup.physical !== undefined && !needing.includes(backup) && backup.id > (afterBackup?.id ?? ''),
    );
    if (afterBackup === undefined) return { segment, reason };
    const until = segmentBeforeIt(afterBackup, segment);
    return {
      segment,
      reason,
      afterBackup: afterBackup.id,
      ...(until !== undefined && { until }),
      ...(next !== undefined && { nextBackup: next.id }),
    };
  });
}

/** Names of the log that backups begin with or go on from. */
export function walSince(backups: readonly Pick<BackupManifest, 'physical'>[], archived: readonly string[]): readonly string[] {
  const begins = backups.flatMap(({ physical }) => (physical === undefined ? [] : [{ physical, number: startOf(physical) }]));
  if (begins.length === 0) return [];
  return archived.filter((name) =>
    begins.some(({ physical, number }) => (parseSegment(name.slice(0, 24), physical.walSegmentBytes)?.number ?? number) >= number),
  );
}

function startOf({ walTimeline, startLsn, walSegmentBytes }: NonNullable<Backup['physical']>): bigint {
  return segmentAt(walTimeline, parseLsn(startLsn), walSegmentBytes).number;
}

/** One goes on from the end of a backup; what it begins with is in it. */
function needs({ physical }: Backup, name: string): boolean {
  if (physical === undefined) return false;
  const { walTimeline, stopLsn, walSegmentBytes } = physical;
  if (name.endsWith('.history')) return Number.parseInt(name, 16) > walTimeline;
  const segment = parseSegment(name, walSegmentBytes);
  if (segment === undefined || segment.walTimeline < walTimeline) return false;
  return segment.number > segmentBefore(walTimeline, parseLsn(stopLsn), walSegmentBytes).number;
}

function segmentBeforeIt({ physical }: Backup, name: string): string | undefined {
  const bytes = physical?.walSegmentBytes;
  const segment = bytes === undefined ? undefined : parseSegment(name, bytes);
  if (segment === undefined || bytes === undefined) return undefined;
  return segmentName({ ...segment, number: segment.number - 1n }, bytes);
}
