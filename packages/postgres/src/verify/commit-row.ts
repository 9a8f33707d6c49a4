/** A row of kiroku.commits. */
export interface CommitRow {
  readonly firstPosition: number;
  readonly lastPosition: number;
  /** Microseconds since 1970. */
  readonly recordedAt: number;
  readonly hash: Buffer;
}

const microsecondsFrom1970To2000 = 946_684_800_000_000;
const upperHalf = 4_294_967_296;

/** The commit in a row of sql/verify/copy_commits.sql. */
export function parseCommit(row: Buffer): CommitRow {
  return {
    firstPosition: readInt64(row, 6),
    lastPosition: readInt64(row, 18),
    recordedAt: readTime(row, 30),
    hash: Buffer.from(row.subarray(42, 42 + row.readInt32BE(38))), // a copy: the row is overwritten
  };
}

/** An int8; beyond 2^53 − 1 not exact, which no position of a log can be. */
export function readInt64(row: Buffer, at: number): number {
  return row.readInt32BE(at) * upperHalf + row.readUInt32BE(at + 4);
}

/** A timestamptz, which PostgreSQL counts from 2000, as microseconds since 1970. */
export function readTime(row: Buffer, at: number): number {
  return readInt64(row, at) + microsecondsFrom1970To2000;
}
