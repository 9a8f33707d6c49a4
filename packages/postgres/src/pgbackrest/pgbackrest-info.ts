import { KirokuError } from '@kiroku/core';

/** A backup as pgBackRest knows it. */
export interface PgBackRestBackup {
  readonly label: string;
  readonly type: 'full' | 'diff' | 'incr';
  /** Milliseconds since 1970, of whole seconds. */
  readonly startedAt: number;
  readonly finishedAt: number;
  /** Of the database, bytes. */
  readonly bytes: number;
  /** What this backup added to the repository, bytes. */
  readonly storedBytes: number;
  readonly startLsn: string;
  readonly stopLsn: string;
  readonly damaged: boolean;
  readonly annotations: Readonly<Record<string, string>>;
}

/** What pgBackRest has of one server. */
export interface PgBackRestState {
  /** Why it is not in order, in pgBackRest's words. */
  readonly fault?: string;
  /** Oldest first. */
  readonly backups: readonly PgBackRestBackup[];
  /** First and last segment of the write-ahead log that is kept. */
  readonly wal?: { readonly first: string; readonly last: string };
  readonly systemIdentifier?: string;
}

/** Reads `pgbackrest info --output=json`. Throws `BackupDamaged` if it is not what version 2 prints. */
export function parsePgBackRestInfo(text: string, stanza: string): PgBackRestState {
  const known = (JSON.parse(text) as readonly InfoRow[]).find(({ name }) => name === stanza); // its shape is checked by what is read of it
  if (known === undefined) return { fault: `there is no stanza ${stanza}`, backups: [] };
  try {
    return toState(known);
  } catch (cause) {
    throw new KirokuError(
      'BackupDamaged',
      `pgBackRest tells of ${stanza} in a way that is not understood (${String(cause)}). Is it version 2?`,
      {
        cause,
      },
    );
  }
}

function toState({ status, backup, archive, db }: InfoRow): PgBackRestState {
  const current = db?.at(-1);
  const wal = archive?.findLast(({ database }) => database.id === current?.id);
  return {
    ...(status.code !== 0 && { fault: status.message }),
    backups: backup.map(toBackup),
    ...(wal?.min != null && wal.max != null && { wal: { first: wal.min, last: wal.max } }),
    ...(current !== undefined && { systemIdentifier: String(current['system-id']) }),
  };
}

function toBackup({ label, type, timestamp, info, lsn, error, annotation }: BackupRow): PgBackRestBackup {
  return {
    label,
    type,
    startedAt: timestamp.start * 1_000,
    finishedAt: timestamp.stop * 1_000,
    bytes: info.size,
    storedBytes: info.repository.delta,
    startLsn: lsn.start,
    stopLsn: lsn.stop,
    damaged: error === true,
    annotations: annotation ?? {},
  };
}

interface InfoRow {
  readonly name: string;
  readonly status: { readonly code: number; readonly message: string };
  readonly backup: readonly BackupRow[];
  readonly archive?: readonly { readonly min: string | null; readonly max: string | null; readonly database: { readonly id: number } }[];
  readonly db?: readonly { readonly id: number; readonly 'system-id': number }[];
}

interface BackupRow {
  readonly label: string;
  readonly type: PgBackRestBackup['type'];
  readonly timestamp: { readonly start: number; readonly stop: number };
  readonly info: { readonly size: number; readonly repository: { readonly delta: number } };
  readonly lsn: { readonly start: string; readonly stop: string };
  readonly error?: boolean | null;
  readonly annotation?: Readonly<Record<string, string>>;
}
