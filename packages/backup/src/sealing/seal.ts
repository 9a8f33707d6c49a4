import { availableParallelism } from 'node:os';
import { type ChunkGuard, digestGuard, encryptingGuard, tagBytes } from './chunk-guard.ts';
import { withFewCollections } from './few-collections.ts';
import { framesOf } from './frames.ts';
import { inOrder } from './in-order.ts';
import { encodeHeader, frameBytes, lastFlag, newHeader, type SealedHeader } from './sealed-format.ts';
import { compressFrame } from './zstd.ts';

export interface SealOptions {
  /** Within the repository. What is sealed opens under this name alone. */
  readonly name: string;
  /** Of the repository. Default: it is compressed, and not encrypted. */
  readonly key?: Uint8Array | undefined;
}

/** One for each processor and one that is being handed on, and at most as many as libuv has threads: more only take from whoever else works. */
export const framesAtOnce = Math.min(4, availableParallelism() + 1);

/** Compresses content, and encrypts it if there is a key. */
export function seal(content: AsyncIterable<Uint8Array>, options: SealOptions): AsyncGenerator<Uint8Array> {
  return withFewCollections(sealed(content, options));
}

async function* sealed(content: AsyncIterable<Uint8Array>, { name, key }: SealOptions): AsyncGenerator<Uint8Array> {
  const header = newHeader(key === undefined ? 'digest' : 'aes256gcm');
  const guard = guardOf(header, { name, key });
  yield encodeHeader(header);
  const compressed = inOrder(
    framesOf(content, frameBytes),
    async ({ bytes, last }) => ({ chunk: await compressFrame(bytes), last }),
    framesAtOnce,
  );
  let index = 0;
  for await (const { chunk, last } of compressed) {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(((last ? lastFlag : 0) | (chunk.length + tagBytes)) >>> 0);
    yield Buffer.concat([length, ...guard.protect(chunk, { index, last })]);
    index += 1;
  }
}

export function guardOf(header: SealedHeader, { name, key }: SealOptions): ChunkGuard {
  return key === undefined ? digestGuard(header, name) : encryptingGuard(key, header, name);
}
