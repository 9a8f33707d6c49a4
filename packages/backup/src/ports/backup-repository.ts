import type { BackupManifest } from '../manifest.ts';

/** A backup that is being made. */
export interface BackupWriter extends AsyncDisposable {
  readonly id: string;
  /** Compresses, seals and keeps a part. */
  add(name: string, content: AsyncIterable<Uint8Array>): Promise<void>;
  /** From now on it counts. */
  finish(manifest: Omit<BackupManifest, 'format' | 'id' | 'encrypted' | 'parts'>): Promise<BackupManifest>;
  /** Without `finish` before it: what was kept is removed. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** A piece of PostgreSQL's write-ahead log that is kept. */
export interface ArchivedWal {
  /** As PostgreSQL names it: a segment, a history file, a backup label. */
  readonly name: string;
  readonly storedBytes: number;
}

/** The backups of an installation, and the write-ahead log between them. Everything but manifests is compressed, and sealed if there is a key. */
export interface BackupRepository {
  readonly place: string;
  readonly encrypted: boolean;
  begin(id: string): Promise<BackupWriter>;
  /** Finished ones, the oldest first. A manifest that cannot be read does not hide the others: `damaged`. */
  list(): Promise<{
    readonly backups: readonly BackupManifest[];
    readonly damaged: readonly { readonly id: string; readonly reason: string }[];
  }>;
  /** Throws `NotFound`, `BackupDamaged`, `BackupTooNew`. */
  manifest(id: string): Promise<BackupManifest>;
  /** A part as it was. Throws `BackupDamaged` where something was altered, cut or left out, `BackupKeyWrong`. */
  read(id: string, part: string): AsyncIterable<Uint8Array>;
  delete(id: string): Promise<void>;
  /** Keeps a piece of write-ahead log. The same again does nothing; other content under the same name throws `WalConflict`. */
  archiveWal(name: string, content: AsyncIterable<Uint8Array>): Promise<void>;
  /** Throws `NotFound`. */
  readWal(name: string): AsyncIterable<Uint8Array>;
  listWal(): AsyncIterable<ArchivedWal>;
  deleteWal(name: string): Promise<void>;
  /** Reports of drills and the like, as JSON; kept apart from the databases, which a restore takes back. */
  writeReport(kind: string, id: string, report: object): Promise<void>;
  listReports(kind: string): Promise<readonly { readonly id: string; readonly report: unknown }[]>;
}
