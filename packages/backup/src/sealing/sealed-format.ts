import { randomBytes } from 'node:crypto';
import { KirokuError } from '@kiroku/core';

/**
 * A sealed object: a header of 44 bytes, then chunks.
 *
 * | header | bytes |
 * |---|---|
 * | `kirokubk` | 8 |
 * | version of the format | 1 |
 * | guard: 0 digests, 1 AES-256-GCM | 1 |
 * | zeros | 2 |
 * | salt, another for each object | 32 |
 *
 * A chunk is a little-endian word of 32 bits, whose highest bit says that this is the last and whose others count the bytes that follow: a zstd
 * frame of at most 2 MiB of content, as its guard keeps it, and the 16 bytes of the guard's tag.
 */
export const magic = Buffer.from('kirokubk');
export const formatVersion = 1;
export const headerBytes = 44;
export const saltBytes = 32;
/** Of content in one chunk. From 1 to 4 MiB, no size was quicker or made less than another. */
export const frameBytes = 2 << 20;
/** Of a chunk as it is kept: zstd makes what it cannot compress a little longer. */
export const maxChunkBytes = frameBytes + (frameBytes >> 7) + 1_024;
export const lastFlag = 0x8000_0000;

export const guards = { digest: 0, aes256gcm: 1 } as const;
export type GuardName = keyof typeof guards;

export interface SealedHeader {
  readonly guard: GuardName;
  readonly salt: Uint8Array;
}

export function newHeader(guard: GuardName): SealedHeader {
  return { guard, salt: randomBytes(saltBytes) };
}

export function encodeHeader({ guard, salt }: SealedHeader): Buffer {
  return Buffer.concat([magic, Buffer.from([formatVersion, guards[guard], 0, 0]), salt]);
}

/** Throws `BackupDamaged` for what is no sealed object, `BackupTooNew`. */
export function decodeHeader(bytes: Uint8Array | undefined, what: string): SealedHeader {
  if (bytes === undefined || !magic.equals(bytes.subarray(0, magic.length)))
    throw new KirokuError('BackupDamaged', `${what} does not begin as a part of a backup does: it is something else, or was altered.`);
  const version = bytes[8] ?? 0;
  if (version > formatVersion)
    throw new KirokuError(
      'BackupTooNew',
      `${what} is in format ${version}, and this code reads ${formatVersion}. Deploy the code that made it.`,
    );
  const guard = (Object.keys(guards) as GuardName[]).find((name) => guards[name] === bytes[9]);
  if (version === formatVersion && guard !== undefined && bytes[10] === 0 && bytes[11] === 0)
    return { guard, salt: bytes.subarray(12, headerBytes) };
  throw new KirokuError(
    'BackupDamaged',
    `${what} was altered, in its first bytes. Restore from another backup: \`kiroku backup verify --all\`.`,
  );
}
