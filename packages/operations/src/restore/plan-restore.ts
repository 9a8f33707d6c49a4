import type { BackupManifest, BackupRepository, DamagedBackup } from '@kiroku/backup';
import { KirokuError } from '@kiroku/core';
import { readLogLastRead } from '../backup-continuous/log-last-read.ts';
import { readCoverage } from '../backup-continuous/wal-coverage.ts';
import type { Installation } from '../config/installation.ts';
import { knownWal } from '../restore-embedded/known-wal.ts';
import { chooseBackup, chooseInHistory, chooseSearch, type Restorable, type RestoreChoice, restorableRange } from './choose-backup.ts';
import { isHeadLeft, leftNotice, leftSince, timelineInUseAt } from './left-history.ts';
import { type LiveLog, readLiveLog } from './live-log.ts';
import type { RestoreWanted } from './restore-wanted.ts';
import { isOfLeftHistory } from './wal-history.ts';
import { type KnownWal, type WalReach, walReach } from './wal-reach.ts';

/** What a restore would do. */
export interface RestorePlan extends RestoreChoice {
  readonly wanted: RestoreWanted;
  /** Where the wanted position is, is not known: the backup and the target are what to look for it in, and then it is restored. Two recoveries. */
  readonly searches: boolean;
  /** What can be restored at all. */
  readonly range: { readonly earliest: string; readonly latest: string };
  readonly live: LiveLog | undefined;
  /** Events in the live log after the head that the backup is known to have; the log that is applied gives some of them back. */
  readonly eventsAfterBackup: number | undefined;
  /** Bytes that are unpacked. */
  readonly bytes: number;
  /** What people should know before they agree, one line each. */
  readonly notices: readonly string[];
  /** Greatest timelines of the log that backups know of. */
  readonly timelines: readonly number[];
}

/** What can be restored: each backup, of those that are `listed` already or all there are, and how far one can go on from it. */
export async function listRestorable(
  installation: Installation,
  repository: BackupRepository,
  listed?: readonly BackupManifest[],
): Promise<readonly Restorable[]> {
  const backups = listed ?? (await repository.list()).backups;
  const known = new Map<string, KnownWal>();
  // a cluster's backups are told apart by its write-ahead log, which is there when the log of events cannot be read
  const hasOthers = backups.some(({ physical }) => physical === undefined);
  const live = hasOthers ? await readLiveLog(installation, { kind: 'latest' }) : undefined;
  const restorable: Restorable[] = [];
  for (const manifest of backups) {
    const id = manifest.physical?.systemIdentifier;
    if (id !== undefined && !known.has(id)) known.set(id, await knownWal(installation, repository, id));
    const wal = id === undefined ? undefined : known.get(id);
    const isLeft =
      id === undefined ? live !== undefined && isHeadLeft(manifest.head, live.history) : isOfLeftHistory(manifest, wal?.history);
    restorable.push({ manifest, reach: reachOf(manifest, wal), isLeft });
  }
  return restorable;
}

/** pgBackRest knows itself how far its log goes, and says so when it does not go far enough. */
function reachOf(manifest: BackupManifest, wal: KnownWal | undefined): WalReach {
  if (manifest.method === 'pgbackrest') return { until: 'now' };
  return wal === undefined ? { until: manifest.finishedAt } : walReach(manifest, wal);
}

/**
 * What would be restored, from which backup. Changes nothing. Throws `NotFound`, `BackupDamaged`, `BackupTooNew`, `RestoreTargetOutOfRange`, `WalMissing`, and `BackupForeign` if what is
 * there is another application's, or another log.
 */
export async function planRestore(installation: Installation, repository: BackupRepository, wanted: RestoreWanted): Promise<RestorePlan> {
  if (wanted.kind === 'backup') await repository.manifest(wanted.id); // why it cannot be used, if it cannot
  const { backups, damaged } = await repository.list();
  const restorable = await listRestorable(installation, repository, backups);
  if (restorable.length === 0) requireNone(damaged);
  const live = await readLiveLog(installation, wanted);
  const now = new Date();
  const searches = wanted.kind === 'position' && live === undefined;
  const left = leftMoment(wanted, live, restorable);
  const choice = searches
    ? chooseSearch(wanted.position, { restorable, now, lastRead: await lastReadOf(repository) })
    : (left?.choice ?? chooseBackup(wanted, { restorable, commit: live?.commit, now }));
  requireOwn(installation, choice.manifest, live);
  const head = choice.manifest.head.position;
  return {
    ...choice,
    wanted,
    searches,
    live,
    range: restorableRange(restorable, now) ?? { earliest: choice.manifest.finishedAt, latest: choice.manifest.finishedAt },
    eventsAfterBackup: live && Math.max(live.position - head, 0),
    bytes: choice.manifest.parts.reduce((sum, { bytes }) => sum + bytes, 0),
    notices: [...(left === undefined ? [] : [left.notice]), ...newerNotices(wanted, choice.manifest, damaged)],
    timelines: restorable.map(({ manifest }) => manifest.head.timeline),
  };
}

/** Where there is nothing to restore from, because of newer code or damage, that is the fault, and not that there is nothing. */
function requireNone(damaged: readonly DamagedBackup[]): void {
  const newest = damaged.at(-1);
  if (newest !== undefined) throw new KirokuError(newest.code, `There is no other backup to restore from. ${newest.reason}`);
}

/** Newer ones than what is chosen, which would have been if they could be used. */
function newerNotices(wanted: RestoreWanted, { id }: BackupManifest, damaged: readonly DamagedBackup[]): readonly string[] {
  if (wanted.kind !== 'latest') return [];
  return damaged.filter((one) => one.id > id).map(({ reason }) => `A newer backup cannot be used. ${reason}`);
}

/** If the log had another history at the wanted time, which is then what is wanted: how to get there, if one can. */
function leftMoment(wanted: RestoreWanted, live: LiveLog | undefined, restorable: readonly Restorable[]) {
  if (wanted.kind !== 'time' || live === undefined) return undefined;
  const { time } = wanted;
  const left = leftSince({ time, history: live.history, position: live.commit?.lastPosition ?? 0 });
  if (left === undefined) return undefined;
  const choice = chooseInHistory(time, { restorable, timeline: timelineInUseAt(time, live.history) });
  return { choice, notice: leftNotice(left, choice !== undefined) };
}

async function lastReadOf(repository: BackupRepository): Promise<string | undefined> {
  return (await readLogLastRead(repository, await readCoverage(repository)))?.at;
}

function requireOwn({ config, dataDirectory }: Installation, manifest: BackupManifest, live: LiveLog | undefined): void {
  if (manifest.application !== config.name) {
    throw new KirokuError(
      'BackupForeign',
      `Backup ${manifest.id} is of ${manifest.application}, not of ${config.name}. Look at BACKUP_URL.`,
    );
  }
  if (live === undefined || live.history.log.id === manifest.head.log) return;
  throw new KirokuError(
    'BackupForeign',
    `Backup ${manifest.id} is of log ${manifest.head.log}, and that in ${dataDirectory} is another, ${live.history.log.id}. To restore in its place, stop it and move ${dataDirectory}/postgres away first.`,
  );
}
