import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readHeads } from './read-heads.ts';

const head = { log: '0193a1b2-0000-7000-8000-00000000000a', timeline: 1, position: 7, hash: 'ab'.repeat(32) };

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kiroku-tests-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function read(text: string) {
  const file = join(directory, 'heads');
  await writeFile(file, text);
  return readHeads(file);
}

test('every line is a head', async () => {
  const line = JSON.stringify({ ...head, recordedAt: '2026-11-24T10:00:00Z', exportedAt: '2026-11-24T10:00:00Z' });
  expect(await read(`${line}\n\n${line.replace('7', '8')}\n`)).toHaveLength(2);
  expect(await read(line)).toEqual([head]);
});

test.each(['', '[]', '{"log":', JSON.stringify({ ...head, hash: 'ab' }), JSON.stringify({ ...head, position: '7' })])(
  'a file with %s is refused',
  async (text) => {
    await expect(read(text)).rejects.toMatchObject({ code: 'BadRequest' });
  },
);

test('a file that is not there is refused', async () => {
  await expect(readHeads(join(directory, 'nowhere'))).rejects.toMatchObject({ code: 'BadRequest' });
});
