import type { BackupManifest } from '@kiroku/backup';
import { KirokuError } from '@kiroku/core';
import type { LogCommit, RecoveryTarget } from '@kiroku/postgres';
import { isBefore } from './compare-times.ts';
import type { RestoreWanted } from './restore-wanted.ts';
import type { WalReach } from './wal-reach.ts';

/** A backup, and how far one can go on from it. */
export interface Restorable {
  readonly manifest: BackupManifest;
  readonly reach: WalReach;
  /** It is of a history that a restore has left since: the log in use does not go on from it. */
  readonly isLeft: boolean;
}

/** Which backup to begin with, and where to end. */
export interface RestoreChoice {
  readonly manifest: BackupManifest;
  readonly target: RecoveryTarget;
}

export interface ChoiceOptions {
  /** The oldest first. */
  readonly restorable: readonly Restorable[];
  /** That holds the wanted position, or is the last by the wanted time, in the log as it is. */
  readonly commit?: LogCommit | undefined;
  readonly now: Date;
}

/**
 * Chooses the newest backup from which what is wanted can be reached, of the present history unless it is named. Throws `NotFound`, `WalMissing`, `RestoreTargetOutOfRange` with the earliest
 * and the latest that can.
 */
export function chooseBackup(wanted: RestoreWanted, given: ChoiceOptions): RestoreChoice {
  if (given.restorable.length === 0)
    throw new KirokuError('NotFound', 'There is no backup to restore from. `kiroku backup list` shows what there is.');
  if (wanted.kind === 'backup') return { manifest: named(given.restorable, wanted.id), target: { kind: 'end of backup' } };
  const newest = newestPresent(given.restorable);
  const options = { ...given, restorable: given.restorable.filter(({ isLeft }) => !isLeft) };
  switch (wanted.kind) {
    case 'latest':
      requireUnbroken(newest);
      return { manifest: newest.manifest, target: { kind: newest.manifest.method === 'pg_dump' ? 'end of backup' : 'end of log' } };
    case 'time':
      return atTime(wanted.time, options);
    case 'position':
      return atPosition(wanted.position, options);
  }
}

/** Of the present history. Throws `NotFound` if all are of one that was left. */
function newestPresent(restorable: readonly Restorable[]): Restorable {
  const newest = restorable.findLast(({ isLeft }) => !isLeft);
  if (newest !== undefined) return newest;
  throw new KirokuError(
    'NotFound',
    'All backups are of a history that a restore has left since, and the log that is kept does not go on from them. `--backup` restores what one of them held; `kiroku backup create` begins the backups of the present history.',
  );
}

/** As `chooseBackup`, for a time at which another history of the log was in use than is now. `undefined` if no backup is of that history. */
export function chooseInHistory(
  time: string,
  { restorable, timeline }: Pick<ChoiceOptions, 'restorable'> & { readonly timeline: number },
): RestoreChoice | undefined {
  const from = restorable.findLast(
    ({ manifest: { method, head, finishedAt } }) => method !== 'pg_dump' && head.timeline === timeline && !isBefore(time, finishedAt),
  );
  return from && { manifest: from.manifest, target: { kind: 'time', time, along: 'backup' } };
}

/** The earliest and the latest moment that can be restored, ISO 8601; `undefined` without backups. */
export function restorableRange(
  restorable: readonly Restorable[],
  now: Date,
): { readonly earliest: string; readonly latest: string } | undefined {
  const [first] = restorable;
  if (first === undefined) return undefined;
  const ends = restorable.map((one) => endOf(one, now));
  return { earliest: first.manifest.finishedAt, latest: ends.reduce((a, b) => (isBefore(a, b) ? b : a)) };
}

/**
 * What to look for a position in, when the log in use cannot be read: the newest backup, if it holds the position, or else the log after it, too,
 * up to when that was `lastRead`, if its tables were gone afterwards. Throws as `chooseBackup` does.
 */
export function chooseSearch(
  position: number,
  { lastRead, ...options }: Pick<ChoiceOptions, 'restorable' | 'now'> & { readonly lastRead?: string | undefined },
): RestoreChoice {
  const newest = options.restorable.findLast(({ isLeft }) => !isLeft)?.manifest;
  if (newest !== undefined && position <= newest.head.position) return { manifest: newest, target: { kind: 'end of backup' } };
  if (newest?.method === 'pg_dump') throw outOfRange(`position ${position}`, options);
  return chooseBackup(lastRead === undefined ? { kind: 'latest' } : { kind: 'time', time: lastRead }, options);
}

function endOf({ reach }: Restorable, now: Date): string {
  return reach.until === 'now' ? now.toISOString() : reach.until;
}

function named(restorable: readonly Restorable[], id: string): BackupManifest {
  const found = restorable.find(({ manifest }) => manifest.id === id);
  if (found !== undefined) return found.manifest;
  throw new KirokuError('NotFound', `There is no finished backup "${id}" of this kind. \`kiroku backup list\` shows those there are.`);
}

// an event is recorded a little before its transaction is committed: one that was recorded by the time is not to be missed for that
const commitTakesMs = 1_000;

function atTime(time: string, { restorable, commit, now }: ChoiceOptions): RestoreChoice {
  const from = restorable.findLast(({ manifest }) => !isBefore(time, manifest.finishedAt));
  if (from === undefined || isBefore(now.toISOString(), time)) throw outOfRange(time, { restorable, now });
  if (from.reach.gap !== undefined && isBefore(from.reach.until, time)) requireUnbroken(from);
  const isClose = commit !== undefined && Date.parse(time) - Date.parse(commit.recordedAt) < commitTakesMs;
  const isAfter = commit !== undefined && !isBefore(commit.recordedAt, from.manifest.finishedAt);
  const isOnOneServer = (from.manifest.pgbackrest?.length ?? 1) === 1; // several have only the time in common
  const isTransaction = isClose && isAfter && isOnOneServer;
  return { manifest: from.manifest, target: isTransaction ? { kind: 'transaction', xid: commit.xid } : { kind: 'time', time } };
}

/** A backup that ended between the commit and the next holds just that; otherwise the log is applied from one before. */
function atPosition(position: number, { restorable, commit, now }: ChoiceOptions): RestoreChoice {
  if (commit === undefined) throw outOfRange(`position ${position}, after the end of the log in use,`, { restorable, now });
  const { recordedAt, nextRecordedAt, xid } = commit;
  const exact = restorable.find(
    ({ manifest }) =>
      manifest.head.position === commit.lastPosition &&
      !isBefore(manifest.finishedAt, recordedAt) &&
      (nextRecordedAt === null || isBefore(manifest.finishedAt, nextRecordedAt)),
  );
  if (exact !== undefined) return { manifest: exact.manifest, target: { kind: 'end of backup' } };
  const from = restorable.findLast(({ manifest }) => !isBefore(recordedAt, manifest.finishedAt));
  if (from === undefined) throw outOfRange(`position ${position}`, { restorable, now });
  if (from.reach.gap !== undefined && isBefore(from.reach.until, recordedAt)) requireUnbroken(from);
  return { manifest: from.manifest, target: { kind: 'transaction', xid } };
}

function requireUnbroken({ manifest, reach }: Restorable): void {
  if (reach.gap === undefined) return;
  throw new KirokuError(
    'WalMissing',
    `The segment ${reach.gap} of the write-ahead log is not in the repository, though there are later ones: from backup ${manifest.id} one gets no further than that. Restore to ${reach.until} at the latest, or with \`--backup\` from another, and make a new backup now.`,
    { details: { segment: reach.gap } },
  );
}

/** `what` cannot be reached; says what can. */
export function outOfRange(what: string, { restorable, now }: Pick<ChoiceOptions, 'restorable' | 'now'>): KirokuError {
  const range = restorableRange(restorable, now);
  const possible = range === undefined ? 'There is no backup.' : `The earliest is ${range.earliest}, the latest ${range.latest}.`;
  return new KirokuError('RestoreTargetOutOfRange', `${what} cannot be restored: no backup and no log that is kept reach it. ${possible}`, {
    ...(range !== undefined && { details: { ...range } }),
  });
}
