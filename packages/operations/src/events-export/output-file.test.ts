import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { outputFile, outputStream } from './output-file.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kiroku-tests-'));
});
afterEach(() => rm(directory, { recursive: true }));

test('a file has its name once it is whole, and is for its owner alone', async () => {
  const file = join(directory, 'events.ndjson');
  const output = await outputFile(file);
  await output.write('one\n');
  expect(existsSync(file)).toBe(false);
  await output.write('two\n');
  await output.finish();
  expect(await readFile(file, 'utf8')).toBe('one\ntwo\n');
  expect((await stat(file)).mode & 0o077).toBe(0);
});

test('of what was not finished nothing is left', async () => {
  const file = join(directory, 'events.ndjson');
  const output = await outputFile(file);
  await output.write('one\n');
  await output.discard();
  expect([existsSync(file), existsSync(`${file}.partial`)]).toEqual([false, false]);
});

test('a file that cannot be made is a fault of who named it', async () => {
  await expect(outputFile(join(directory, 'none', 'events.ndjson'))).rejects.toMatchObject({
    code: 'BadRequest',
    message: expect.stringContaining('cannot be written'),
  });
});

test('what another program reads is written as quick as it reads', async () => {
  const stream = new PassThrough({ highWaterMark: 4 });
  const output = outputStream(stream);
  let written = false;
  const writing = output.write('longer than that').then(() => {
    written = true;
  });
  await new Promise(setImmediate);
  expect(written).toBe(false);
  stream.resume();
  await writing;
  expect(written).toBe(true);
});
