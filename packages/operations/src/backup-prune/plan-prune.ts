import { type BackupListing, type BackupManifest, timeOfId } from '@kiroku/backup';
import { parseLsn, parseSegment, segmentAt } from '@kiroku/postgres';
import type { BackupVerification } from '../backup-verify/verification.ts';
import { unneeded } from './backup-families.ts';

const dayMs = 86_400_000;

export interface PruneFacts {
  readonly listing: BackupListing;
  /** Ids of backups of a history that a restore has left since: what goes on does not go on from them. */
  readonly left: ReadonlySet<string>;
  readonly verifications: ReadonlyMap<string, BackupVerification>;
  /** Names of the write-ahead log that is kept. */
  readonly archived: readonly string[];
  /** Ids of the keys that were kept between backups. */
  readonly keptKeys: readonly string[];
  readonly keepDays: number;
  readonly now: Date;
}

export interface PrunedBackup {
  readonly id: string;
  readonly why: 'too old' | 'damaged, and too old' | 'never finished';
  /** Absent where the manifest cannot be read. */
  readonly storedBytes?: number;
}

/** What a prune would remove. */
export interface PrunePlan {
  readonly keepDays: number;
  readonly backups: readonly PrunedBackup[];
  /** Write-ahead log that no backup which stays begins with or goes on from. */
  readonly wal: readonly string[];
  /** Keys of personal data that were kept between backups, all of which that stay are later and have them. */
  readonly keys: readonly string[];
  readonly kept: number;
  /** Older than that, and kept all the same: there is no newer good one. */
  readonly lastGood?: string;
}

/**
 * Which backups have had their time. One goes only if a newer good one of the same log stays, of the history in use if there is one: good is what was
 * finished and was not found damaged. What newer code has made stays. Unfinished ones go when nobody has worked on them for a day.
 */
export function planPrune({ listing, left, verifications, archived, keptKeys, keepDays, now }: PruneFacts): PrunePlan {
  const isOld = (time: string | undefined) => time !== undefined && Date.parse(time) < now.getTime() - keepDays * dayMs;
  const isGood = ({ id }: BackupManifest) => verifications.get(id)?.whole !== false;
  const good = listing.backups.filter(isGood);
  const newest = (backup: BackupManifest) => {
    const others = good.filter((other) => isOfSameLog(backup, other));
    return others.findLast(({ id }) => !left.has(id)) ?? others.at(-1);
  };
  const old = listing.backups.filter(({ finishedAt }) => isOld(finishedAt));
  const lastGood = old.find((backup) => newest(backup) === backup);
  const gone = unneeded(
    old.filter((backup) => isBefore(backup, newest(backup))),
    listing.backups,
  );
  const unreadable = listing.damaged.filter(
    ({ id, code }) => code !== 'BackupTooNew' && isOld(timeOfId(id)) && good.some((other) => other.id > id),
  );
  const unfinished = listing.unfinished.filter(({ lastSeenAt }) => Date.parse(lastSeenAt) < now.getTime() - dayMs);
  const stays = listing.backups.filter((backup) => !gone.includes(backup));
  return {
    keepDays,
    backups: [
      ...gone.map((backup) => ({
        id: backup.id,
        why: isGood(backup) ? ('too old' as const) : ('damaged, and too old' as const),
        storedBytes: bytesOf(backup),
      })),
      ...unreadable.map(({ id }) => ({ id, why: 'damaged, and too old' as const })),
      ...unfinished.map(({ id, storedBytes }) => ({ id, why: 'never finished' as const, storedBytes })),
    ],
    wal: unneededWal(stays, archived),
    keys: unneededKeys([...stays, ...listing.damaged.filter((one) => !unreadable.includes(one))], keptKeys),
    kept: stays.length,
    ...(lastGood !== undefined && { lastGood: lastGood.id }),
  };
}

function isOfSameLog(one: BackupManifest, other: BackupManifest): boolean {
  return one.application === other.application && one.head.log === other.head.log;
}

function isBefore(backup: BackupManifest, newestGood: BackupManifest | undefined): boolean {
  return newestGood !== undefined && backup.id < newestGood.id;
}

function bytesOf({ parts }: BackupManifest): number {
  return parts.reduce((sum, { storedBytes }) => sum + storedBytes, 0);
}

/**
 * What is older than the segment that the oldest backup begins in, whatever its timeline: positions only grow from one to the next. Nothing, if no backup
 * that stays says where it begins, or if they are of several servers, whose positions have nothing to do with each other.
 */
function unneededWal(stays: readonly BackupManifest[], archived: readonly string[]): readonly string[] {
  const physical = stays.flatMap((backup) => backup.physical ?? []);
  const [first] = physical;
  if (first === undefined || physical.some(({ systemIdentifier }) => systemIdentifier !== first.systemIdentifier)) return [];
  const bytes = first.walSegmentBytes;
  const begins = physical.map(({ walTimeline, startLsn }) => segmentAt(walTimeline, parseLsn(startLsn), bytes).number);
  const [oldest = 0n] = begins.sort((a, b) => (a < b ? -1 : 1));
  // a part of a segment, or the label of a backup in it, begins with its name
  return archived.filter((name) => (parseSegment(name.slice(0, 24), bytes)?.number ?? oldest) < oldest);
}

/**
 * What was kept a day before the oldest backup that stays, and so is in that: clocks are put right. Nothing, if one of those that stay has no keys, or
 * none stays.
 */
function unneededKeys(stays: readonly { readonly id: string; readonly keys?: boolean }[], keptKeys: readonly string[]): readonly string[] {
  if (stays.length === 0 || stays.some(({ keys }) => keys === false)) return [];
  const oldest = Math.min(...stays.map(({ id }) => Date.parse(timeOfId(id) ?? '') || 0));
  return keptKeys.filter((id) => Date.parse(timeOfId(id) ?? '') < oldest - dayMs);
}
