import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readAuditHeadsFile } from './read-audit-heads-file.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kiroku-heads-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function read(text: string) {
  const file = join(directory, 'heads');
  await writeFile(file, text);
  return readAuditHeadsFile(file);
}

const head = { chain: 'commands', sequence: 3, hash: 'a'.repeat(64) };

test('the heads of a file are read line by line', async () => {
  expect(await read(`${JSON.stringify({ ...head, exportedAt: 'then' })}\n\n${JSON.stringify(head)}\n`)).toEqual([head, head]);
});

test.each([
  ['', /no head in it/],
  ['{"chain":', /line 1 is not a head/],
  [JSON.stringify({ ...head, chain: 'events' }), /damaged/],
  [JSON.stringify({ ...head, sequence: -1 }), /damaged/],
  [JSON.stringify({ ...head, hash: 'abc' }), /damaged/],
])('a file with %j is refused', async (text, message) => {
  await expect(read(text)).rejects.toThrow(message);
});

test('a file that is not there is refused', async () => {
  await expect(readAuditHeadsFile(join(directory, 'nowhere'))).rejects.toMatchObject({ code: 'BadRequest' });
});
