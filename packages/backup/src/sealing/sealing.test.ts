import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openSealed } from './open-sealed.ts';
import { seal } from './seal.ts';
import { frameBytes, headerBytes } from './sealed-format.ts';

const key = randomBytes(32);
const name = 'backups/1/parts/x';
const what = 'x of backup 1';

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < bytes.length; offset += size) yield bytes.subarray(offset, offset + size);
}

async function collected(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks);
}

interface Way {
  /** Default: `key`; `undefined`: none. */
  readonly by?: Uint8Array | undefined;
  readonly as?: string;
  readonly pieces?: number;
}

function sealed(bytes: Uint8Array, way: Way = {}): Promise<Buffer> {
  const { by, pieces } = { by: key, pieces: 65_536, ...way };
  return collected(seal(inPieces(bytes, pieces), { name, key: by }));
}

function opened(bytes: Uint8Array, way: Way = {}): Promise<Buffer> {
  const { by, as, pieces } = { by: key, as: name, pieces: 65_536, ...way };
  return collected(openSealed(inPieces(bytes, pieces), { name: as, key: by, what }));
}

/** The chunks of what is sealed, with their lengths. */
function chunksOf(bytes: Buffer): readonly Buffer[] {
  const chunks: Buffer[] = [];
  for (let offset = headerBytes; offset < bytes.length; ) {
    const length = 4 + (bytes.readUInt32LE(offset) % 0x8000_0000);
    chunks.push(bytes.subarray(offset, offset + length));
    offset += length;
  }
  return chunks;
}

const ways = [
  ['with a key', key],
  ['without a key', undefined],
] as const;

describe.each(ways)('what is sealed %s', (_, by) => {
  test('opens as it was, whatever it is and however it comes', async () => {
    const pieces = fc.integer({ min: 1, max: 5_000 });
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 20_000 }), pieces, pieces, async (bytes, inSize, outSize) => {
        const kept = await sealed(bytes, { by, pieces: inSize });
        expect((await opened(kept, { by, pieces: outSize })).equals(bytes)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  test.each([0, 1, frameBytes - 1, frameBytes, frameBytes + 1, 3 * frameBytes])(
    'opens as it was, with %i bytes of content',
    async (count) => {
      const bytes = Buffer.alloc(count, 'kiroku ');
      expect((await opened(await sealed(bytes, { by, pieces: 1 << 20 }), { by, pieces: 1 << 20 })).equals(bytes)).toBe(true);
    },
  );

  test('opens as it was, if it cannot be compressed', async () => {
    const bytes = randomBytes(2 * frameBytes + 5);
    expect((await opened(await sealed(bytes, { by }), { by })).equals(bytes)).toBe(true);
  });

  test('does not open once any bit was changed', async () => {
    const kept = await sealed(randomBytes(300), { by });
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: kept.length * 8 - 1 }), async (bit) => {
        const changed = Buffer.from(kept);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        await expect(opened(changed, { by })).rejects.toMatchObject({ code: expect.stringMatching(/^Backup(Damaged|TooNew|KeyWrong)$/) });
      }),
      { numRuns: 300 },
    );
  });

  test('does not open once it was cut anywhere, or something was added', async () => {
    const kept = await sealed(randomBytes(300), { by });
    for (let length = 0; length < kept.length; length += 1)
      await expect(opened(kept.subarray(0, length), { by }), String(length)).rejects.toMatchObject({ code: 'BackupDamaged' });
    await expect(opened(Buffer.concat([kept, Buffer.of(0)]), { by })).rejects.toThrow(/added/);
  });

  test('does not open with chunks left out, repeated, or in another order', async () => {
    const kept = await sealed(randomBytes(3 * frameBytes - 7), { by });
    const header = kept.subarray(0, headerBytes);
    const [one, two, last] = chunksOf(kept) as [Buffer, Buffer, Buffer]; // that many frames
    const orders = [
      [two, last],
      [one, last],
      [one, two],
      [one],
      [two, one, last],
      [one, one, two, last],
      [one, two, last, last],
      [last],
      [],
    ];
    for (const chunks of orders)
      await expect(opened(Buffer.concat([header, ...chunks]), { by })).rejects.toMatchObject({ code: 'BackupDamaged' });
    await expect(opened(Buffer.concat([header, one, two, last]), { by })).resolves.toHaveLength(3 * frameBytes - 7);
  });

  test('does not open under another name, nor with chunks of another', async () => {
    const [mine, other] = [await sealed(Buffer.from('mine'), { by }), await sealed(Buffer.from('other'), { by })];
    await expect(opened(mine, { by, as: 'backups/2/parts/x' })).rejects.toMatchObject({ code: 'BackupDamaged' });
    const mixed = Buffer.concat([mine.subarray(0, headerBytes), ...chunksOf(other)]);
    await expect(opened(mixed, { by })).rejects.toMatchObject({ code: 'BackupDamaged' });
  });

  test('says what it is a fault of, and where', async () => {
    const kept = await sealed(Buffer.from('content'), { by });
    await expect(opened(kept.subarray(0, -1), { by })).rejects.toThrow(/^x of backup 1 is cut short, in chunk 1\./);
    await expect(opened(Buffer.from('what is this'), { by })).rejects.toThrow(/^x of backup 1 does not begin/);
  });
});

describe('what is encrypted', () => {
  test('shows nothing of what it was', async () => {
    const kept = await sealed(Buffer.from('a very personal address'));
    expect(kept.includes('personal')).toBe(false);
    expect((await sealed(Buffer.from('a very personal address'))).subarray(headerBytes).equals(kept.subarray(headerBytes))).toBe(false);
  });

  test('opens with its own key alone', async () => {
    const kept = await sealed(Buffer.from('content'));
    await expect(opened(kept, { by: randomBytes(32) })).rejects.toMatchObject({ code: 'BackupDamaged' });
    await expect(opened(kept, { by: undefined })).rejects.toMatchObject({
      code: 'BackupKeyWrong',
      message: expect.stringContaining('BACKUP_KEY'),
    });
  });
});

test('what newer code has sealed is told apart from what is damaged', async () => {
  const kept = await sealed(Buffer.from('content'));
  kept[8] = 2;
  await expect(opened(kept)).rejects.toMatchObject({ code: 'BackupTooNew' });
});

test('content that fails ends the sealing with its own error', async () => {
  const failing = async function* () {
    yield randomBytes(3 * frameBytes);
    throw new Error('the disk of the database');
  };
  await expect(collected(seal(failing(), { name, key }))).rejects.toThrow('the disk of the database');
});

test('what is sealed is compressed', async () => {
  expect((await sealed(Buffer.alloc(1_000_000, 'rows of events '))).length).toBeLessThan(1_000);
});
