import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRepository } from '@kiroku/backup';
import { planBackupPrune } from '@kiroku/operations';
import { expect, test } from 'vitest';

test('a backup whose process is killed counts as none, harms no other, and is pruned after a day', async () => {
  const place = await mkdtemp(join(tmpdir(), 'kiroku-killed-'));
  try {
    const [killed, other] = ['20260101T020000Z-0001', '20260101T020000Z-0002'];
    const child = spawn(process.execPath, [join(import.meta.dirname, 'backup-process.mjs'), place, killed], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    const parts = join(place, 'backups', killed, 'parts');
    await expect.poll(async () => (await readdir(parts)).some((file) => file.startsWith('.'))).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');

    const repository = await openRepository({ place });
    const writer = await repository.begin(other);
    await writer.add('cluster.tar', content());
    await expect(repository.manifest(killed)).rejects.toMatchObject({ code: 'BackupIncomplete' });
    expect((await repository.list()).unfinished.map(({ id }) => id)).toEqual([killed, other]);

    const settings = { backup: { repository: { place }, keepDays: 30 } } as Parameters<typeof planBackupPrune>[0]; // all that is looked at
    expect((await planBackupPrune(settings, repository)).backups).toEqual([]); // both were worked on just now
    await repository.delete(killed);
    await repository.removeLeftovers(new Date(Date.now() + 1_000));
    expect(await readdir(join(place, 'backups'))).toEqual([other]);
  } finally {
    await rm(place, { recursive: true, force: true });
  }
});

async function* content(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('rows');
}
