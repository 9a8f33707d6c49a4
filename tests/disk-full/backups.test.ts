import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openRepository } from '@kiroku/backup';
import { expect, test } from 'vitest';
import { mayMount, missingDisk, SmallDisk } from './small-disk.ts';

const name = '000000010000000000000003';

async function* of(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

test.skipIf(!mayMount)(
  `a backup for which there is no room fails, says what to do, and leaves nothing; those of before stay${missingDisk}`,
  async () => {
    await using disk = await SmallDisk.mount(8);
    const repository = await openRepository({ place: join(disk.path, 'backups') });
    await repository.archiveWal(name, of(Buffer.from('log')));
    const noRoom = {
      code: 'BackupStoreUnavailable',
      retryable: true,
      message: expect.stringMatching(/backups.*no room.*kiroku backup prune/),
    };

    const writer = await repository.begin('20261127T221846Z-3f9a');
    await expect(writer.add('cluster.tar', of(randomBytes(12 << 20)))).rejects.toMatchObject(noRoom);
    await writer[Symbol.asyncDispose]();
    expect(await repository.list()).toEqual({ backups: [], damaged: [], unfinished: [] });

    await disk.fill();
    await expect(repository.archiveWal('000000010000000000000004', of(randomBytes(1 << 20)))).rejects.toMatchObject(noRoom);
    await expect(repository.begin('20261127T221846Z-3f9b')).rejects.toMatchObject(noRoom);
    expect(await readdir(join(disk.path, 'backups', 'wal'))).toEqual([name]);
    await disk.free();
    await repository.archiveWal('000000010000000000000004', of(randomBytes(1 << 20)));
  },
);
