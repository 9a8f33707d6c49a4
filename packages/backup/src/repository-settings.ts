/** Where the backups of an installation are kept. */
export interface RepositorySettings {
  /** An absolute directory, or `s3://bucket/prefix`. */
  readonly place: string;
  /** Encrypts what is kept. Default: it is not encrypted. */
  readonly key?: string;
  /** For buckets; credentials are found the way all tools of AWS find them. */
  readonly s3?: {
    /** Default: AWS. */
    readonly endpoint?: string;
    readonly region: string;
  };
}
