import type { Pool } from '../pool.ts';
import { rowsOf } from '../rows-of.ts';

/** How far a server's archive is. */
export interface ArchiveState {
  /** The last try failed. */
  readonly failing: boolean;
  /** Tries that failed. */
  readonly failed: number;
  readonly failedWal: string | null;
  readonly failedAt: string | null;
  readonly archivedWal: string | null;
  /** Seconds since the last piece was archived, if more than the one in use is missing; else 0. */
  readonly lagSeconds: number;
}

interface ArchiverRow extends Omit<ArchiveState, 'lagSeconds'> {
  readonly server: string;
  readonly on: boolean;
  readonly presentWal: string | null;
  readonly seconds: number;
}

/** Reads how far the archive of a server is; without a state if it has none. Throws `DatabaseUnavailable`. */
export async function archiveState(pool: Pick<Pool, 'query'>): Promise<{ readonly server: string; readonly state?: ArchiveState }> {
  const [row] = await rowsOf<ArchiverRow>(pool, 'safety/read_archiver');
  if (row === undefined) return { server: '' };
  const { server, on, presentWal, seconds, ...state } = row;
  if (!on) return { server };
  return { server, state: { ...state, lagSeconds: isBehind(state.archivedWal, presentWal) ? seconds : 0 } };
}

/** More than the segment in use is missing. */
export function isBehind(archived: string | null, present: string | null): boolean {
  if (present === null) return false; // a standby
  return archived === null || segment(present) - segment(archived) > 1n;
}

/**
 * Which segment of its timeline, counted through; 256 to each log file, as with segments of 16 MiB. The label of a backup, which is archived after it,
 * counts as the segment it begins in. What names no segment counts as the first.
 */
function segment(wal: string): bigint {
  return /^[0-9A-F]{24}(\.[0-9A-F]{8}\.backup)?$/.test(wal)
    ? (BigInt(`0x${wal.slice(8, 16)}`) << 8n) + BigInt(`0x${wal.slice(16, 24)}`)
    : 0n;
}
