/** What a cache of answers holds, and did since its process began or since everything was cleared. */
export interface CacheStats {
  /** ISO 8601: what is counted was counted from then on. */
  readonly since: string;
  readonly entries: number;
  readonly bytes: number;
  /** 0: it keeps nothing. */
  readonly maxBytes: number;
  readonly hits: number;
  readonly misses: number;
  /** Misses of what was there and had changed. */
  readonly outdated: number;
}
