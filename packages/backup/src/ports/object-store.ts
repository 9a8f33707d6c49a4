/** A thing that is kept: its name and its size in bytes. */
export interface StoredObject {
  /** With `/` between its parts, none of them empty, `.` or `..`. */
  readonly name: string;
  readonly bytes: number;
}

/** Where backups are kept: a directory, or a bucket. */
export interface ObjectStore {
  /** What people know it by: a path, or `s3://bucket/prefix`. Never with secrets. */
  readonly place: string;
  /**
   * Keeps the content under a name, in place of what was there. It is seen whole or not at all, and is durable when this returns. Throws
   * `BackupStoreUnavailable`, also when there is no room.
   */
  put(name: string, content: AsyncIterable<Uint8Array>): Promise<StoredObject>;
  /** Throws `NotFound`. */
  get(name: string): AsyncIterable<Uint8Array>;
  /** Those whose name begins so, by name. */
  list(prefix: string): AsyncIterable<StoredObject>;
  /** Does nothing if it is not there. */
  delete(name: string): Promise<void>;
}
