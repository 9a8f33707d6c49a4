import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lastWords } from './service-failure.ts';

const line = (fields: object) => `${JSON.stringify(fields)}\n`;

async function wordsOf(...lines: readonly object[]): Promise<readonly string[]> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'kiroku-words-'));
  await mkdir(join(dataDirectory, 'logs'));
  const before = line({ level: 'error', msg: 'of the run before' });
  await writeFile(join(dataDirectory, 'logs', 'shop.log'), `${before}${lines.map(line).join('')}`);
  const words = await lastWords({ dataDirectory, service: 'shop', logFrom: before.length });
  await rm(dataDirectory, { recursive: true });
  return words;
}

test('the last words of a run are its errors, and what it wrote when it crashed', async () => {
  const crash = { level: 'fatal', msg: 'ended: exit code 1', output: 'Error: no such file\n    at main.ts:3' };
  expect(await wordsOf({ level: 'info', msg: 'ready' }, { level: 'error', msg: 'lost' }, crash)).toEqual([
    'error lost',
    'fatal ended: exit code 1',
    'Error: no such file',
    '    at main.ts:3',
  ]);
});

test('one that was killed had none', async () => {
  expect(await wordsOf({ level: 'info', msg: 'ready' }, { level: 'fatal', msg: 'ended: SIGKILL' })).toEqual([]);
});

test('neither had one whose log cannot be read', async () => {
  expect(await lastWords({ dataDirectory: '/nowhere', service: 'shop', logFrom: 0 })).toEqual([]);
});
