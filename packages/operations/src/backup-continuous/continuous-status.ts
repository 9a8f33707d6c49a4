import type { BackupRepository } from '@kiroku/backup';
import { isKirokuError } from '@kiroku/core';
import { type ArchiverState, archiverState, createPool, sampleWal, type WalSample } from '@kiroku/postgres';
import { ChangedKeys } from '../backup-keys/changed-keys.ts';
import { keptThrough } from '../backup-keys/kept-keys.ts';
import { connectionUrls, type Installation } from '../config/installation.ts';
import { keyDirectory } from '../config/key-directory.ts';
import { continuousSince } from './continuous-state.ts';
import { readCoverage, type WalCoverage } from './wal-coverage.ts';

/** How far the write-ahead log of the embedded server is kept. */
export interface ContinuousStatus {
  /** Absent: it is not kept. */
  readonly since?: string;
  readonly place: string;
  /** The last segment that is kept, and what it covers. */
  readonly coverage?: WalCoverage;
  /** Pieces of log that wait to be kept. */
  readonly waiting: number;
  /** How long the oldest of them has waited, seconds. */
  readonly lagSeconds: number;
  /** How often the server was not taken something off, since its statistics began. */
  readonly failures: number;
  /** Keys of personal data: kept together with the log, if that is encrypted. */
  readonly keys: KeptKeysStatus;
  /** What would be lost with the disk, in time: 0 if nothing. Absent if that cannot be told. */
  readonly rpoSeconds?: number;
  /** It is further behind than it should be. */
  readonly behind: boolean;
}

export interface KeptKeysStatus {
  /** Otherwise those made since the last backup are lost with the disk, or all, if backups are not encrypted either. */
  readonly kept: boolean;
  /** New ones, which are kept with the next piece of log. */
  readonly waiting: number;
  /** Why they cannot be read, and so no log is kept. */
  readonly fault?: string;
}

/** Throws `DatabaseUnavailable`, `BackupStoreUnavailable`. */
export async function continuousStatus(installation: Installation, repository: BackupRepository): Promise<ContinuousStatus> {
  const { dataDirectory, backup } = installation;
  const since = await continuousSince(dataDirectory);
  const { event_store: url } = await connectionUrls(installation, 'superuser');
  await using pool = createPool({ url, applicationName: 'kiroku-backup', max: 1 });
  const [state, now] = [await archiverState(pool), await sampleWal(pool)];
  const coverage = await readCoverage(repository);
  const keys = await keysOf(installation, repository);
  return statusOf({ since, place: repository.place, state, now, coverage, keys, timeoutSeconds: backup.archiveTimeoutSeconds });
}

async function keysOf(installation: Installation, repository: BackupRepository): Promise<KeptKeysStatus> {
  if (!repository.encrypted) return { kept: false, waiting: 0 };
  const since = await keptThrough(repository);
  try {
    const { paths } = await new ChangedKeys(keyDirectory(installation), since, 0).find();
    return { kept: true, waiting: paths.length };
  } catch (error) {
    if (!isKirokuError(error, 'KeyStoreUnavailable')) throw error;
    return { kept: true, waiting: 0, fault: error.message };
  }
}

export interface StatusFacts {
  readonly since: string | undefined;
  readonly place: string;
  readonly state: ArchiverState;
  readonly now: Pick<WalSample, 'at' | 'position' | 'systemIdentifier'>;
  readonly coverage: WalCoverage | undefined;
  readonly keys: KeptKeysStatus;
  readonly timeoutSeconds: number;
}

// beside the time that PostgreSQL takes to end a segment: two looks, and a segment's way
const slackSeconds = 60;

/** A segment may be open for the timeout, and then takes some time to be kept; what lasts longer is behind. */
export function statusOf({ since, place, state, now, coverage, keys, timeoutSeconds }: StatusFacts): ContinuousStatus {
  const own = coverage?.systemIdentifier === now.systemIdentifier ? coverage : undefined;
  const lagSeconds = Math.max(state.lagSeconds ?? 0, 0);
  const counted = { waiting: state.waiting, lagSeconds, failures: state.failures, keys };
  if (since === undefined) return { place, ...(own && { coverage: own }), ...counted, behind: false };
  const covered = own?.until ?? since; // nothing yet: since it began
  const isAllKept = own?.position !== undefined && now.position !== undefined && own.position >= now.position;
  const rpoSeconds = isAllKept ? 0 : secondsBetween(covered, now.at);
  const behind = !state.handsOver || keys.fault !== undefined || lagSeconds > slackSeconds || rpoSeconds > timeoutSeconds + slackSeconds;
  return { since, place, ...(own && { coverage: own }), ...counted, rpoSeconds, behind };
}

function secondsBetween(from: string, to: string): number {
  return Math.max((Date.parse(to) - Date.parse(from)) / 1_000, 0);
}
