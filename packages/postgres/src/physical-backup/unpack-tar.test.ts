import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { unpackTar } from './unpack-tar.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kiroku-tar-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** A tar of one file, which cannot be read on from its middle. */
async function* cutOff(fault: Error): AsyncGenerator<Uint8Array> {
  const packing = pack();
  packing.entry({ name: 'rows' }, Buffer.alloc(1 << 20));
  packing.finalize();
  const tar = await buffer(packing);
  for (let at = 0; at < tar.length / 2; at += 65_536) yield tar.subarray(at, at + 65_536);
  throw fault;
}

test('a tar that cannot be read to its end ends in the fault of its reader', async () => {
  const fault = new Error('chunk 7 was altered');
  await expect(unpackTar(cutOff(fault), { directory })).rejects.toBe(fault);
});
