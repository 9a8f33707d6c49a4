import type { BackupManifest } from '@kiroku/backup';
import { parseLsn, parseSegment, segmentBefore, segmentName } from '@kiroku/postgres';
import type { WalCoverage } from '../backup-continuous/wal-coverage.ts';
import type { WalHistory } from './wal-history.ts';

/** The write-ahead log that there is to restore from. */
export interface KnownWal {
  /** Names of what is in the repository. */
  readonly archived: readonly string[];
  /** Names of what the present cluster has, which may not be in the repository yet. */
  readonly live: readonly string[];
  /** The segment that the present server writes to; absent if it does not run. */
  readonly writing?: string;
  readonly coverage?: WalCoverage;
  /** Absent on the first timeline, and if it cannot be read. */
  readonly history?: WalHistory;
}

/** How far one can go on from a backup. */
export interface WalReach {
  /** ISO 8601; `now`: up to this moment. */
  readonly until: string;
  /** The first segment that is missing, though there are later ones in the repository. */
  readonly gap?: string;
}

type Backup = Pick<BackupManifest, 'finishedAt' | 'physical'>;

/** How far the log goes on without a gap, from the end of a backup. */
export function walReach({ finishedAt, physical }: Backup, { archived, live, writing, coverage }: KnownWal): WalReach {
  if (physical === undefined) return { until: finishedAt };
  const bytes = physical.walSegmentBytes;
  const numberOf = (name: string): bigint | undefined => {
    const segment = parseSegment(name, bytes);
    return segment === undefined || segment.walTimeline < physical.walTimeline ? undefined : segment.number;
  };
  const kept = new Set(archived.flatMap((name) => numberOf(name) ?? []));
  const known = new Set([...kept, ...live.flatMap((name) => numberOf(name) ?? [])]);
  const end = segmentBefore(physical.walTimeline, parseLsn(physical.stopLsn), bytes);
  let last = end.number;
  while (known.has(last + 1n)) last += 1n;
  const reaches = (name: string | undefined, through = last) => name !== undefined && (numberOf(name) ?? through + 1n) <= through;
  if (reaches(writing, last + 1n)) return { until: 'now' }; // one that is not there has nothing in it yet
  const isBroken = [...kept].some((number) => number > last + 1n);
  return {
    until: reaches(coverage?.segment) && coverage !== undefined && coverage.until > finishedAt ? coverage.until : finishedAt,
    ...(isBroken && { gap: segmentName({ ...end, number: last + 1n }, bytes) }),
  };
}
