/** A thing that is kept: its name and its size in bytes. */
export interface StoredObject {
  /** With `/` between its parts, none of them empty or beginning with a dot. */
  readonly name: string;
  readonly bytes: number;
}

/** Where backups are kept: a directory, or a bucket. All methods throw `BackupStoreUnavailable`, also when there is no room. */
export interface ObjectStore {
  /** What people know it by: a path, or `s3://bucket/prefix`. Never with secrets. */
  readonly place: string;
  /**
   * Keeps the content under a name, in place of what was there. It is seen whole or not at all, and is durable when this returns. What the content
   * throws is thrown as it is, and nothing is kept.
   */
  put(name: string, content: AsyncIterable<Uint8Array>): Promise<StoredObject>;
  /** As `put`, for what fits into memory, and only if there is nothing of that name: answers whether it was kept. */
  create(name: string, content: Uint8Array): Promise<boolean>;
  /** Throws `NotFound`. */
  get(name: string): AsyncIterable<Uint8Array>;
  /** Those whose name begins so, by name. */
  list(prefix: string): AsyncIterable<StoredObject>;
  /** Does nothing if it is not there. */
  delete(name: string): Promise<void>;
  /** Removes what is left of puts that were cut off and began before then. */
  removeLeftovers(before: Date): Promise<void>;
}
