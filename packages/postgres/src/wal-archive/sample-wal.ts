import { isKirokuError, KirokuError } from '@kiroku/core';
import { parseLsn, segmentAt, type WalSegment } from '../physical-backup/wal-name.ts';
import type { Pool } from '../pool.ts';
import { rowsOf } from '../rows-of.ts';

/** Where the event log and the write-ahead log ended at a moment: what was committed by then is before this place. */
export interface WalSample {
  /** By the server's clock; ISO 8601. */
  readonly at: string;
  /** Of the event log; absent, as is `readAt`, if its tables are gone. */
  readonly position?: number;
  /** A moment at which they were there; ISO 8601. */
  readonly readAt?: string;
  /** Of the commit that ends there; absent if the log is empty. */
  readonly recordedAt?: string;
  readonly systemIdentifier: string;
  readonly segmentBytes: number;
  /** The one that holds the place. */
  readonly segment: WalSegment;
}

interface SampleRow {
  readonly at: string;
  readonly lsn: string;
  readonly walTimeline: number;
  readonly systemIdentifier: string;
  readonly segmentBytes: number;
}

interface EndRow {
  readonly readAt: string;
  readonly position: number;
  readonly recordedAt: string | null;
}

type EndOfLog = Pick<WalSample, 'position' | 'recordedAt' | 'readAt'>;

/** `pool`: of event_store, as superuser. Throws `DatabaseUnavailable`. */
export async function sampleWal(pool: Pool): Promise<WalSample> {
  const end = await endOfLog(pool); // before the place: what is committed in between is more, not less
  const [row] = await rowsOf<SampleRow>(pool, 'wal_archive/sample_wal');
  if (row === undefined) throw new KirokuError('DatabaseUnavailable', 'The database did not say where its log ends.');
  const { lsn, walTimeline, ...sample } = row;
  return { ...end, ...sample, segment: segmentAt(walTimeline, parseLsn(lsn), row.segmentBytes) };
}

/** Empty if the tables of the log are gone. */
async function endOfLog(pool: Pool): Promise<EndOfLog> {
  try {
    const [row] = await rowsOf<EndRow>(pool, 'wal_archive/end_of_log');
    if (row === undefined) return {};
    const { recordedAt, ...end } = row;
    return { ...end, ...(recordedAt !== null && { recordedAt }) };
  } catch (error) {
    if (isKirokuError(error, 'SchemaTooOld')) return {};
    throw error;
  }
}

/** What a server says of the write-ahead log that it hands over. */
export interface ArchiverState {
  /** Whether it hands it over at all. */
  readonly handsOver: boolean;
  /** Since its statistics began. */
  readonly failures: number;
  readonly lastFailed: string | null;
  readonly lastAccepted: string | null;
  /** Pieces that are ready to be kept. */
  readonly waiting: number;
  /** How long the oldest of them has waited. */
  readonly lagSeconds: number | null;
}

/** `pool`: as superuser. Throws `DatabaseUnavailable`. */
export async function archiverState(pool: Pool): Promise<ArchiverState> {
  const [row] = await rowsOf<ArchiverState>(pool, 'wal_archive/archiver_state');
  if (row === undefined) throw new KirokuError('DatabaseUnavailable', 'The database says nothing of its write-ahead log.');
  return row;
}
