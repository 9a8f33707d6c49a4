/** A place in PostgreSQL's write-ahead log, in bytes since its beginning. */
export type Lsn = bigint;

/** `0/3000028`, as PostgreSQL writes it. */
export function parseLsn(text: string): Lsn {
  const [high = '', low = ''] = text.split('/');
  return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
}

export function formatLsn(lsn: Lsn): string {
  return `${(lsn >> 32n).toString(16)}/${(lsn & 0xffffffffn).toString(16)}`.toUpperCase();
}

/** A file of the write-ahead log that is whole: `000000010000000000000003`. */
export interface WalSegment {
  /** PostgreSQL's own. */
  readonly walTimeline: number;
  /** From the beginning of the log, counting from 0. */
  readonly number: bigint;
}

/** `undefined` for a history file, a backup label, or a part of a segment. */
export function parseSegment(name: string, segmentBytes: number): WalSegment | undefined {
  const [, timeline, high, low] = /^([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})$/.exec(name) ?? [];
  if (timeline === undefined) return undefined;
  return { walTimeline: Number.parseInt(timeline, 16), number: BigInt(`0x${high}`) * perHigh(segmentBytes) + BigInt(`0x${low}`) };
}

export function segmentName({ walTimeline, number }: WalSegment, segmentBytes: number): string {
  const parts = [BigInt(walTimeline), number / perHigh(segmentBytes), number % perHigh(segmentBytes)];
  return parts.map((part) => part.toString(16).toUpperCase().padStart(8, '0')).join('');
}

/** The segment that holds the byte before `lsn`: the last that is needed to get there. */
export function segmentBefore(walTimeline: number, lsn: Lsn, segmentBytes: number): WalSegment {
  return { walTimeline, number: (lsn - 1n) / BigInt(segmentBytes) };
}

/** The segment that `lsn` is in. */
export function segmentAt(walTimeline: number, lsn: Lsn, segmentBytes: number): WalSegment {
  return { walTimeline, number: lsn / BigInt(segmentBytes) };
}

// a name counts 4 GiB in its second part, and segments of those in its third
function perHigh(segmentBytes: number): bigint {
  return 0x1_0000_0000n / BigInt(segmentBytes);
}
