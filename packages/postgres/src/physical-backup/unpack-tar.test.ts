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

/** A tar that cannot be read on from its middle, which is there before the files of the first half are written. */
async function* cutOff(fault: Error): AsyncGenerator<Uint8Array> {
  const packing = pack();
  for (let file = 0; file < 200; file++) packing.entry({ name: `rows-${file}` }, 'the rows');
  packing.finalize();
  const tar = await buffer(packing);
  yield tar.subarray(0, tar.length / 2);
  throw fault;
}

test('a tar that cannot be read to its end ends in the fault of its reader', async () => {
  const fault = new Error('chunk 7 was altered');
  await expect(unpackTar(cutOff(fault), { directory })).rejects.toBe(fault);
});
