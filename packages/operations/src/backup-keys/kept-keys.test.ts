import { mkdtemp, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BackupManifest, type BackupRepository, openRepository } from '@kiroku/backup';
import { sampleManifest } from '@kiroku/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { keptThrough, keysToRestore } from './kept-keys.ts';

let place: string;
let repository: BackupRepository;
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'kiroku-kept-keys-'));
  repository = await openRepository({ place, key: 'a secret of thirty-two characters' });
});
afterEach(() => rm(place, { recursive: true, force: true }));

async function* of(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

const backupOn = (day: number) => `2026010${day}T020000Z-0001`;
const keptOn = (day: number) => `2026010${day}T120000000Z-0001`;

async function backUp(day: number): Promise<BackupManifest> {
  const writer = await repository.begin(backupOn(day));
  await writer.add('keys.tar', of('keys'));
  return writer.finish({
    ...sampleManifest(),
    startedAt: `2026-01-0${day}T02:00:00.000Z`,
    finishedAt: `2026-01-0${day}T02:00:05.000Z`,
    keys: true,
  });
}

const keep = (day: number) => repository.keepKeys(keptOn(day), of('keys'));
const damageBackup = (day: number) => truncate(join(place, 'backups', backupOn(day), 'parts', 'keys.tar'), 50);
const damageKept = (day: number) => truncate(join(place, 'keys', keptOn(day)), 50);

describe('the keys that a restore takes', () => {
  test('are those of the backup and of later ones, and all that were kept', async () => {
    await backUp(1);
    const second = await backUp(2);
    await backUp(3);
    for (const day of [1, 2, 3]) await keep(day);
    const { sources, notices } = await keysToRestore(repository, second);
    expect(sources.map(({ id }) => id)).toEqual([keptOn(1), backupOn(2), keptOn(2), backupOn(3), keptOn(3)]);
    expect(notices).toEqual([]);
  });

  test('are refused if those of the backup cannot be read', async () => {
    const first = await backUp(1);
    await damageBackup(1);
    await expect(keysToRestore(repository, first)).rejects.toMatchObject({ code: 'BackupDamaged' });
  });

  test('may lack others that cannot be read, which is said, unless a later backup has them', async () => {
    const first = await backUp(1);
    const second = await backUp(2);
    for (const day of [1, 2]) {
      await keep(day);
      await damageKept(day);
    }
    const { sources, notices } = await keysToRestore(repository, second);
    expect(sources.map(({ id }) => id)).toEqual([backupOn(2)]);
    expect(notices).toEqual([expect.stringContaining(keptOn(2))]);
    await damageBackup(2);
    expect((await keysToRestore(repository, first)).notices).toHaveLength(3);
  });
});

test('keys are kept until what was kept last, or else, if a backup has them, since the beginning of the oldest', async () => {
  expect(await keptThrough(repository)).toEqual(new Date(0));
  await backUp(1);
  await backUp(2);
  expect(await keptThrough(repository)).toEqual(new Date('2026-01-01T02:00:00Z'));
  await keep(3);
  expect(await keptThrough(repository)).toEqual(new Date('2026-01-03T12:00:00Z'));
});
