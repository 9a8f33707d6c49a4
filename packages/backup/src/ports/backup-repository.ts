import type { ErrorCode } from '@kiroku/core';
import type { BackupManifest } from '../manifest.ts';

/** A backup that is being made. Disposed of without `finish` before it, what was kept is removed. */
export interface BackupWriter extends AsyncDisposable {
  readonly id: string;
  /** Compresses, seals and keeps a part. */
  add(name: string, content: AsyncIterable<Uint8Array>): Promise<void>;
  /** From now on it counts. Throws `BackupIncomplete` if a part is not there any more. */
  finish(manifest: Omit<BackupManifest, 'format' | 'id' | 'encrypted' | 'parts'>): Promise<BackupManifest>;
}

/** A piece of PostgreSQL's write-ahead log that is kept. */
export interface ArchivedWal {
  /** As PostgreSQL names it: a segment, a history file, a backup label. */
  readonly name: string;
  readonly storedBytes: number;
}

/** Keys of personal data that were kept between backups. */
export interface KeptKeys {
  /** Says when, as that of a backup does. */
  readonly id: string;
  readonly storedBytes: number;
}

/** A backup whose manifest cannot be used. */
export interface DamagedBackup {
  readonly id: string;
  /** `BackupTooNew`: it may well be whole. */
  readonly code: ErrorCode;
  readonly reason: string;
}

/** A backup without a manifest: it is being made, or whoever made it was cut off. */
export interface UnfinishedBackup {
  readonly id: string;
  /** When something of it was last known to be made. */
  readonly lastSeenAt: string;
  readonly storedBytes: number;
}

export interface BackupListing {
  /** Finished ones, the oldest first. */
  readonly backups: readonly BackupManifest[];
  /** A manifest that cannot be read does not hide the others. */
  readonly damaged: readonly DamagedBackup[];
  readonly unfinished: readonly UnfinishedBackup[];
}

/**
 * The backups of an installation, and the write-ahead log between them. Backups and log are compressed, and sealed if there is a key; manifests and
 * reports can be read by everybody who may read the place, and hold nothing personal. All methods throw `BackupStoreUnavailable`.
 */
export interface BackupRepository {
  readonly place: string;
  /** Whether what is written is encrypted. */
  readonly encrypted: boolean;
  /** Whether what is here is encrypted, and there is no key: it can be listed and checked, and neither read nor written. */
  readonly locked: boolean;
  /** Throws `BackupKeyWrong` if others here are encrypted and this would not be. */
  begin(id: string): Promise<BackupWriter>;
  list(): Promise<BackupListing>;
  /** Throws `NotFound`, `BackupIncomplete`, `BackupDamaged`, `BackupTooNew`. */
  manifest(id: string): Promise<BackupManifest>;
  /** A part as it was. Throws `BackupDamaged` where something was altered, cut or left out, `BackupKeyWrong`. */
  read(id: string, part: string): AsyncIterable<Uint8Array>;
  /** A part as it is kept, for which no key is needed. Read to its end, it throws `BackupDamaged` if it is not what was kept. */
  readKept(id: string, part: string): AsyncIterable<Uint8Array>;
  delete(id: string): Promise<void>;
  /** Keeps a piece of write-ahead log. The same again does nothing; other content under the same name throws `WalConflict`. */
  archiveWal(name: string, content: AsyncIterable<Uint8Array>): Promise<void>;
  /** Throws `NotFound`, `BackupDamaged`, `BackupKeyWrong`. */
  readWal(name: string): AsyncIterable<Uint8Array>;
  listWal(): AsyncIterable<ArchivedWal>;
  deleteWal(name: string): Promise<void>;
  /** Keeps keys of personal data that no backup has yet; returns when they are durable. Throws `BackupKeyWrong` if they would not be encrypted. */
  keepKeys(id: string, content: AsyncIterable<Uint8Array>): Promise<void>;
  /** Throws `NotFound`, `BackupDamaged`, `BackupKeyWrong`. */
  readKeys(id: string): AsyncIterable<Uint8Array>;
  /** The oldest first. */
  listKeys(): AsyncIterable<KeptKeys>;
  deleteKeys(id: string): Promise<void>;
  /** Reports of drills and the like, as JSON, in place of one of the same id; kept apart from the databases, which a restore takes back. */
  writeReport(kind: string, id: string, report: object): Promise<void>;
  /** By id. One that was altered is `undefined`. */
  listReports(kind: string): Promise<readonly { readonly id: string; readonly report: unknown }[]>;
  deleteReport(kind: string, id: string): Promise<void>;
  /** Removes what writes that were cut off before then have left. */
  removeLeftovers(before: Date): Promise<void>;
}
