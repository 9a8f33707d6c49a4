import { cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRepository } from '@kiroku/backup';
import { sampleManifest } from '@kiroku/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listBackups } from '../backup-list/list-backups.ts';
import { planBackupPrune } from '../backup-prune/prune-backups.ts';
import { verifyBackups } from './verify-backups.ts';

let place: string;
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'kiroku-verify-'));
});
afterEach(() => rm(place, { recursive: true, force: true }));

const key = 'a secret of thirty-two characters';
const ids = ['20260101T020000Z-0001', '20260102T020000Z-0002', '20260103T020000Z-0003'] as const;
const known = {
  ...sampleManifest(),
  physical: { systemIdentifier: '1', walTimeline: 1, walSegmentBytes: 16 << 20, startLsn: '0/3000028', stopLsn: '0/3000100' },
};

async function* of(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

async function backUp(): Promise<void> {
  const repository = await openRepository({ place, key });
  for (const id of ids) {
    const writer = await repository.begin(id);
    await writer.add('cluster.tar', of(`the rows of ${id}`));
    await writer.add('wal.tar', of('the log'));
    await writer.finish(known);
  }
}

const part = (id: string, name = 'cluster.tar') => join(place, 'backups', id, 'parts', name);

describe('a verification', () => {
  test('of the newest looks at one that is newer, and whose manifest cannot be read, too', async () => {
    await backUp();
    await truncate(join(place, 'backups', ids[2], 'manifest.json'), 20);
    const { whole, backups } = await verifyBackups(await openRepository({ place, key }), { which: 'newest' });
    expect({ whole, ids: backups.map(({ id }) => id) }).toEqual({ whole: false, ids: [ids[1], ids[2]] });
  });

  test.each(['newest', 'all'] as const)('of %s finds a place that has no backup not to be whole: it may not be mounted', async (which) => {
    expect(await verifyBackups(await openRepository({ place, key }), { which })).toMatchObject({ whole: false, backups: [] });
  });

  test('of whole backups finds nothing, and is remembered', async () => {
    await backUp();
    const repository = await openRepository({ place, key });
    expect(await verifyBackups(repository, { which: 'all' })).toMatchObject({
      whole: true,
      backups: ids.map((id) => ({ id, opened: true })),
    });
    const { backups } = await listBackups(repository);
    expect(backups.map(({ verification }) => verification?.whole)).toEqual([true, true, true]);
  });

  test('names the parts that were altered, cut, exchanged or removed, and looks at all of them', async () => {
    await backUp();
    const bytes = await readFile(part(ids[0]));
    await writeFile(part(ids[0]), Buffer.concat([bytes.subarray(0, -1), Buffer.of((bytes.at(-1) ?? 0) ^ 1)]));
    await truncate(part(ids[0], 'wal.tar'), 50);
    await cp(part(ids[2]), part(ids[1]));
    await rm(part(ids[2]));
    const repository = await openRepository({ place, key });
    const { whole, backups } = await verifyBackups(repository, { which: 'all' });
    expect(whole).toBe(false);
    expect(backups.map(({ findings }) => findings.length)).toEqual([2, 1, 1]);
    expect(backups[0]?.findings[1]).toContain(`wal.tar of backup ${ids[0]}`);
    expect(backups[2]?.findings[0]).toContain('is gone');
  });

  test('without the key compares what is kept, and remembers nothing', async () => {
    await backUp();
    await truncate(part(ids[2]), 50);
    const repository = await openRepository({ place });
    const { backups } = await verifyBackups(repository, { which: 'all' });
    expect(backups.map(({ whole, opened }) => [whole, opened])).toEqual([
      [true, false],
      [true, false],
      [false, false],
    ]);
    expect((await listBackups(repository)).backups.some(({ verification }) => verification !== undefined)).toBe(false);
  });

  test('looks at the newest alone, or at those asked for, damaged manifests included', async () => {
    await backUp();
    await truncate(join(place, 'backups', ids[0], 'manifest.json'), 50);
    const repository = await openRepository({ place, key });
    const verifiedIds = async (which: 'newest' | readonly string[]) =>
      (await verifyBackups(repository, { which })).backups.map(({ id, whole }) => [id, whole]);
    expect(await verifiedIds('newest')).toEqual([[ids[2], true]]);
    expect(await verifiedIds([ids[0]])).toEqual([[ids[0], false]]);
    await expect(verifiedIds(['20260109T020000Z-0009'])).rejects.toMatchObject({ code: 'NotFound' });
  });

  test('of one that newer code has made says so, and does not remember it as damaged', async () => {
    await backUp();
    await writeFile(join(place, 'backups', ids[2], 'manifest.json'), '{ "format": 2 }');
    const repository = await openRepository({ place, key });
    const { whole, backups } = await verifyBackups(repository, { which: [ids[2]] });
    expect({ whole, backups }).toMatchObject({
      whole: false,
      backups: [{ isTooNew: true, findings: [expect.stringContaining('Deploy')] }],
    });
    expect(await repository.listReports('verify')).toEqual([]);
  });

  test('tells how far it is, from nothing to the end, with the key and without', async () => {
    await backUp();
    for (const settings of [{ place, key }, { place }]) {
      const told: { readonly done: number; readonly total: number }[] = [];
      await verifyBackups(await openRepository(settings), { which: 'all', onProgress: (one) => told.push(one) });
      expect(told[0]?.done).toBe(0);
      expect(told.at(-1)?.done).toBe(told[0]?.total);
    }
  });

  test('names a gap in the write-ahead log', async () => {
    await backUp();
    const repository = await openRepository({ place, key });
    for (const number of [3, 4, 6]) await repository.archiveWal(`00000001000000000000000${number}`, of('log'));
    const { whole, walGaps } = await verifyBackups(repository, { which: 'newest' });
    expect({ whole, walGaps }).toEqual({ whole: false, walGaps: [{ segment: '000000010000000000000005', afterBackup: ids[2] }] });
  });

  test('reads the log that goes on from a backup, and says what was altered or cut, and how far one still gets', async () => {
    await backUp();
    const repository = await openRepository({ place, key });
    const segments = [2, 3, 4, 5].map((number) => `00000001000000000000000${number}`);
    for (const name of segments) await repository.archiveWal(name, of('log'));
    const file = (number: number) => join(place, 'wal', `00000001000000000000000${number}`);
    await truncate(file(2), 50); // from before the backup
    await truncate(file(4), 50);
    const bytes = await readFile(file(5));
    await writeFile(file(5), Buffer.concat([bytes.subarray(0, -1), Buffer.of((bytes.at(-1) ?? 0) ^ 1)]));
    const { whole, walDamage, walRead } = await verifyBackups(repository, { which: 'newest' });
    expect({ whole, walRead }).toEqual({ whole: false, walRead: 3 });
    expect(walDamage).toEqual([
      { segment: segments[2], until: segments[1], afterBackup: ids[2], reason: expect.stringContaining('is cut short') },
      { segment: segments[3], until: segments[2], afterBackup: ids[2], reason: expect.stringContaining('was altered') },
    ]);
    expect((await verifyBackups(repository, { which: 'all' })).walDamage[0]).toEqual({ segment: segments[0], reason: expect.any(String) });
    expect(await verifyBackups(await openRepository({ place }), { which: 'all' })).toMatchObject({ whole: true, walOpened: false });
  });

  test('reads the keys that were kept beside the log, which a backup after them has, too', async () => {
    await backUp();
    const repository = await openRepository({ place, key });
    for (const id of ['20260102T120000000Z-0001', '20260104T020000000Z-0001']) {
      await repository.keepKeys(id, of('keys'));
      await truncate(join(place, 'keys', id), 50);
    }
    const last = { ...known, keys: true };
    const writer = await repository.begin('20260103T030000Z-0004');
    await writer.add('keys.tar', of('keys'));
    await writer.finish(last);
    const { whole, keyDamage } = await verifyBackups(repository, { which: 'all' });
    expect(whole).toBe(false);
    expect(keyDamage.map(({ id, inBackup }) => [id, inBackup])).toEqual([
      ['20260102T120000000Z-0001', '20260103T030000Z-0004'],
      ['20260104T020000000Z-0001', undefined],
    ]);
  });

  test('that is interrupted says so', async () => {
    await backUp();
    const repository = await openRepository({ place, key });
    await expect(verifyBackups(repository, { which: 'all', signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'Stopping' });
  });

  test('that found the newest backups damaged keeps a prune from the last good one', async () => {
    await backUp();
    for (const id of ids.slice(1)) await truncate(part(id), 50);
    const repository = await openRepository({ place, key });
    await verifyBackups(repository, { which: 'all' });
    // all that is looked at
    const installation = { backup: { keepDays: 30 }, dataDirectory: join(place, 'nowhere') } as Parameters<typeof planBackupPrune>[0];
    expect(await planBackupPrune(installation, repository)).toMatchObject({ backups: [], lastGood: ids[0] });
  });
});
