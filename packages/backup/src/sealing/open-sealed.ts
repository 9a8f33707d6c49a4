import { KirokuError } from '@kiroku/core';
import { ByteReader } from './byte-reader.ts';
import { tagBytes } from './chunk-guard.ts';
import { withFewCollections } from './few-collections.ts';
import { inOrder } from './in-order.ts';
import { framesAtOnce, guardOf, type SealOptions } from './seal.ts';
import { decodeHeader, headerBytes, lastFlag, maxChunkBytes } from './sealed-format.ts';
import { decompressFrame } from './zstd.ts';

export interface OpenOptions extends SealOptions {
  /** What messages call it. */
  readonly what: string;
}

/**
 * What was sealed, as it was. Nothing is yielded that was not checked. Throws `BackupDamaged` where something was altered, cut, left out, repeated or
 * moved, `BackupKeyWrong` without the key of what is encrypted, `BackupTooNew`.
 */
export function openSealed(sealed: AsyncIterable<Uint8Array>, options: OpenOptions): AsyncGenerator<Uint8Array> {
  const { what } = options;
  const open = (chunk: Buffer) =>
    decompressFrame(chunk).catch((cause: unknown) => {
      throw new KirokuError('BackupDamaged', `${what} cannot be decompressed: it was altered.`, { cause });
    });
  return withFewCollections(inOrder(chunksOf(sealed, options), open, framesAtOnce));
}

async function* chunksOf(sealed: AsyncIterable<Uint8Array>, options: OpenOptions): AsyncGenerator<Buffer> {
  const { what, name, key } = options;
  const reader = new ByteReader(sealed);
  try {
    const header = decodeHeader(await reader.read(headerBytes), what);
    if (header.guard === 'aes256gcm' && key === undefined)
      throw new KirokuError('BackupKeyWrong', `${what} is encrypted, and there is no BACKUP_KEY. Set the one that it was made with.`);
    const guard = guardOf(header, { name, key: header.guard === 'digest' ? undefined : key });
    for (let index = 0, last = false; !last; index += 1) {
      const word = (await reader.read(4))?.readUInt32LE();
      const length = (word ?? 0) % lastFlag;
      last = (word ?? 0) >= lastFlag;
      const kept = length > tagBytes && length <= maxChunkBytes ? await reader.read(length) : undefined;
      const chunk = kept && guard.open(kept, { index, last });
      if (chunk === undefined) throw damaged(what, { index, cut: word === undefined || kept === undefined });
      yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    }
    if (!(await reader.atEnd())) throw new KirokuError('BackupDamaged', `${what} goes on after its end: something was added.`);
  } finally {
    await reader.stop();
  }
}

function damaged(what: string, { index, cut }: { readonly index: number; readonly cut: boolean }): KirokuError {
  const why = cut ? 'is cut short' : 'was altered';
  return new KirokuError(
    'BackupDamaged',
    `${what} ${why}, in chunk ${index + 1}. Restore from another backup: \`kiroku backup verify --all\`.`,
  );
}
