import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { readOrCreateAll } from './read-or-create.ts';

const made: string[] = [];
afterEach(async () => {
  for (const directory of made.splice(0)) await rm(directory, { recursive: true, force: true });
});

async function directoryFor() {
  const directory = await mkdtemp(join(tmpdir(), 'kiroku-keys-'));
  made.push(directory);
  await mkdir(join(directory, 'a'));
  await mkdir(join(directory, 'b'));
  return directory;
}

test('what is wanted together is created, read, or refused, each for itself', async () => {
  const directory = await directoryFor();
  const wanted = (name: string, content: string) => ({ file: join(directory, name), content });
  expect(await readOrCreateAll([wanted('a/old', 'first')])).toEqual([{ there: undefined }]);
  const outcomes = await readOrCreateAll([
    wanted('a/new', 'one'),
    wanted('a/old', 'other'),
    wanted('nowhere/new', 'two'),
    wanted('b/new', 'three'),
    wanted('b/new', 'four'),
    wanted('a', 'five'),
  ]);
  expect(outcomes).toEqual([
    { there: undefined },
    { there: 'first' },
    { fault: expect.objectContaining({ code: 'ENOENT' }) },
    { there: undefined },
    { there: 'three' },
    { fault: expect.objectContaining({ code: 'EISDIR' }) },
  ]);
  expect(await readFile(join(directory, 'a/new'), 'utf8')).toBe('one');
  expect((await stat(join(directory, 'a/new'))).mode & 0o777).toBe(0o600);
  expect([await readdir(join(directory, 'a')), await readdir(join(directory, 'b'))]).toEqual([['new', 'old'], ['new']]);
});
