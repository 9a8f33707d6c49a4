import { createCipheriv, createDecipheriv, createHash, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { SealedHeader } from './sealed-format.ts';

/** Keeps chunks from being altered, left out, repeated or put into another order or object unnoticed. */
export interface ChunkGuard {
  /** The chunk as it is kept, with its tag. */
  protect(chunk: Uint8Array, place: ChunkPlace): readonly Uint8Array[];
  /** The chunk as it was; `undefined`: it is not what was kept here. */
  open(kept: Uint8Array, place: ChunkPlace): Uint8Array | undefined;
}

export interface ChunkPlace {
  /** From 0. */
  readonly index: number;
  readonly last: boolean;
}

export const tagBytes = 16;

/**
 * Encrypts: AES-256-GCM in the STREAM construction of V. T. Hoang, R. Reyhanitabar, P. Rogaway and D. Vizár, "Online Authenticated-Encryption and
 * its Nonce-Reuse Misuse-Resistance" (CRYPTO 2015): a chunk's number and whether it is the last are its nonce. Each object has a key of its own, by
 * HKDF (RFC 5869) from the repository's with the object's salt and name, as Tink's AesGcmHkdfStreaming has it. libsodium's secretstream in
 * WebAssembly was measured at a quarter of the speed.
 */
export function encryptingGuard(key: Uint8Array, { salt }: SealedHeader, name: string): ChunkGuard {
  const ownKey = Buffer.from(hkdfSync('sha256', key, salt, `kiroku backup 1 ${name}`, 32));
  return {
    protect: (chunk, place) => {
      const cipher = createCipheriv('aes-256-gcm', ownKey, nonce(place));
      const encrypted = cipher.update(chunk);
      cipher.final();
      return [encrypted, cipher.getAuthTag()];
    },
    open: (kept, place) => {
      const decipher = createDecipheriv('aes-256-gcm', ownKey, nonce(place), { authTagLength: tagBytes });
      decipher.setAuthTag(kept.subarray(-tagBytes));
      const chunk = decipher.update(kept.subarray(0, -tagBytes));
      try {
        decipher.final();
        return chunk;
      } catch {
        return undefined;
      }
    },
  };
}

/** Finds accidents, and nobody who wants to deceive: the tag is a digest that anybody can make. */
export function digestGuard({ salt }: SealedHeader, name: string): ChunkGuard {
  const tagOf = (chunk: Uint8Array, place: ChunkPlace) =>
    createHash('sha256').update(salt).update(nonce(place)).update(`${name}\n`).update(chunk).digest().subarray(0, tagBytes);
  return {
    protect: (chunk, place) => [chunk, tagOf(chunk, place)],
    open: (kept, place) => {
      const chunk = kept.subarray(0, -tagBytes);
      return timingSafeEqual(tagOf(chunk, place), kept.subarray(-tagBytes)) ? chunk : undefined;
    },
  };
}

function nonce({ index, last }: ChunkPlace): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32BE(index, 7);
  bytes[11] = last ? 1 : 0;
  return bytes;
}
