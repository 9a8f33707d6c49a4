import { hash } from 'node:crypto';

/** What a commit's hash covers of one event. */
export interface ChainedEvent {
  readonly position: number;
  readonly version: number;
  /** Of `eventDigest`, 32 bytes. */
  readonly digest: Uint8Array;
}

export interface ChainedCommit {
  /** As our connections read it: ISO 8601, UTC, with microseconds. */
  readonly recordedAt: string;
  /** In the order of their positions. */
  readonly events: readonly ChainedEvent[];
}

const bytesOfEvent = 8 + 4 + 32;
const commitPurpose = field('kiroku.commit.v1');
const logPurpose = field('kiroku.log.v1');

/** What the first commit of a log has in the place of a previous hash. */
export function hashOfEmptyLog(logId: string): Buffer {
  return hash('sha256', Buffer.concat([logPurpose, Buffer.from(logId.replaceAll('-', ''), 'hex')]), 'buffer');
}

/** The hash of a commit, 32 bytes, from that of the commit before it. The layout is in docs/reference/hash-chain.md. */
export function commitHash(previous: Uint8Array, { recordedAt, events }: ChainedCommit): Buffer {
  const bytes = Buffer.allocUnsafe(commitPurpose.length + 32 + 8 + 4 + events.length * bytesOfEvent);
  bytes.set(commitPurpose);
  let end = commitPurpose.length;
  bytes.set(previous, end);
  end = bytes.writeBigInt64BE(microseconds(recordedAt), end + 32);
  end = bytes.writeUInt32BE(events.length, end);
  for (const { position, version, digest } of events) {
    end = bytes.writeBigInt64BE(BigInt(position), end);
    end = bytes.writeInt32BE(version, end);
    bytes.set(digest, end);
    end += 32;
  }
  return hash('sha256', bytes, 'buffer');
}

/** Microseconds since 1970 of `2026-11-24T10:00:00.123456Z`: a Date would cut off the last three digits. */
function microseconds(recordedAt: string): bigint {
  const seconds = Date.parse(`${recordedAt.slice(0, -8)}Z`);
  return BigInt(seconds) * 1_000n + BigInt(recordedAt.slice(-7, -1));
}

function field(text: string): Buffer {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
