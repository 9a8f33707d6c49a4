import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { syncDirectory } from './sync-directory.ts';

test('a directory is made durable, where its file system has such a thing', async () => {
  await syncDirectory(tmpdir());
  await expect(syncDirectory(`${tmpdir()}/is not there`)).rejects.toMatchObject({ code: 'ENOENT' });
});

test.skipIf(process.platform !== 'linux')('elsewhere that is left to the file system', async () => {
  await syncDirectory('/proc');
});
