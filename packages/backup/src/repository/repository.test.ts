import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BackupRepository, BackupWriter } from '../ports/backup-repository.ts';
import { openRepository } from './open-repository.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'kiroku-repository-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

let made = 0;
function newPlace(): string {
  made += 1;
  return join(root, String(made));
}

const secret = 'a secret of thirty-two characters';
const id = '20261127T221846Z-3f9a';
const content = Buffer.concat([Buffer.alloc(3_000_000, 'rows '), randomBytes(500_000)]);

const known: Parameters<BackupWriter['finish']>[0] = {
  method: 'embedded',
  startedAt: '2026-11-27T22:18:46.000Z',
  finishedAt: '2026-11-27T22:18:50.000Z',
  kirokuVersion: '0.1.0',
  postgresVersion: '17.10',
  application: 'test',
  databases: {
    event_store: { bytes: 1, schemaVersion: 9 },
    command_db: { bytes: 1, schemaVersion: 14 },
    query_db: { bytes: 1, schemaVersion: 5 },
  },
  head: { log: 'a', timeline: 1, position: 10, hash: '0'.repeat(64) },
  keys: false,
};

async function* of(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function collected(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

async function backUp(repository: BackupRepository, as = id) {
  const writer = await repository.begin(as);
  await writer.add('cluster.tar', of(content));
  await writer.add('wal.tar', of(Buffer.alloc(0)));
  const finished = writer.finish(known);
  await writer[Symbol.asyncDispose](); // as after `await using`, and `return` without `await`
  return finished;
}

async function namesIn<Each>(all: AsyncIterable<Each & { readonly name: string }>): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { name } of all) names.push(name);
  return names;
}

const ways = [
  ['with a key', { key: secret }],
  ['without a key', {}],
] as const;

describe.each(ways)('a repository %s', (_, way) => {
  test('gives back what a backup was made of, to whoever opens it anew', async () => {
    const place = newPlace();
    const manifest = await backUp(await openRepository({ place, ...way }));
    const repository = await openRepository({ place, ...way });
    expect(await repository.list()).toEqual({ backups: [manifest], damaged: [], unfinished: [] });
    expect(manifest).toMatchObject({ format: 1, id, encrypted: 'key' in way, parts: [{ bytes: content.length }, { bytes: 0 }] });
    expect((await collected(repository.read(id, 'cluster.tar'))).equals(content)).toBe(true);
    expect(await collected(repository.read(id, 'wal.tar'))).toHaveLength(0);
  });

  test('keeps nothing of a backup that was not finished', async () => {
    const place = newPlace();
    const repository = await openRepository({ place, ...way });
    const writer = await repository.begin(id);
    await writer.add('cluster.tar', of(content));
    await writer[Symbol.asyncDispose]();
    expect(await repository.list()).toEqual({ backups: [], damaged: [], unfinished: [] });
    expect(await readdir(place)).not.toContain('backups');
  });

  test('shows a backup that is being made as unfinished, and does not read it', async () => {
    const repository = await openRepository({ place: newPlace(), ...way });
    const writer = await repository.begin(id);
    await writer.add('cluster.tar', of(content));
    expect(await repository.list()).toMatchObject({ backups: [], unfinished: [{ id, lastSeenAt: expect.stringMatching(/Z$/) }] });
    await expect(collected(repository.read(id, 'cluster.tar'))).rejects.toMatchObject({ code: 'BackupIncomplete' });
  });

  test('lets two be made at a time, and refuses one of the same id', async () => {
    const place = newPlace();
    const [one, other] = await Promise.all([openRepository({ place, ...way }), openRepository({ place, ...way })]);
    await Promise.all([backUp(one, '20261127T221846Z-0001'), backUp(other, '20261127T221846Z-0002')]);
    expect((await one.list()).backups).toHaveLength(2);
    for (const each of (await other.list()).backups) expect((await collected(one.read(each.id, 'cluster.tar'))).equals(content)).toBe(true);
    await expect(backUp(one, '20261127T221846Z-0001')).rejects.toMatchObject({ code: 'Conflict' });
    expect((await one.list()).backups).toHaveLength(2);
  });

  test('does not finish a backup whose parts were removed meanwhile', async () => {
    const repository = await openRepository({ place: newPlace(), ...way });
    const writer = await repository.begin(id);
    await writer.add('cluster.tar', of(content));
    await repository.delete(id);
    await expect(writer.finish(known)).rejects.toMatchObject({ code: 'BackupIncomplete', message: expect.stringContaining('cluster.tar') });
  });

  test('says what was altered, cut or removed, with the key and without', async () => {
    const place = newPlace();
    const repository = await openRepository({ place, ...way });
    await backUp(repository);
    const file = join(place, 'backups', id, 'parts', 'cluster.tar');
    const whole = await readFile(file);
    const faults: readonly (readonly [string, () => Promise<void>])[] = [
      ['altered', () => writeFile(file, flipped(whole, whole.length >> 1))],
      ['cut', () => truncate(file, whole.length - 1)],
      ['added', () => writeFile(file, Buffer.concat([whole, Buffer.of(0)]))],
      ['another', () => cp(join(place, 'backups', id, 'parts', 'wal.tar'), file)],
      ['gone', () => rm(file)],
    ];
    for (const [fault, harm] of faults) {
      await writeFile(file, whole);
      await harm();
      const damaged = { code: 'BackupDamaged', message: expect.stringContaining(`cluster.tar of backup ${id}`) };
      await expect(collected(repository.read(id, 'cluster.tar')), fault).rejects.toMatchObject(damaged);
      const withoutKey = await openRepository({ place });
      await expect(collected(withoutKey.readKept(id, 'cluster.tar')), fault).rejects.toMatchObject(damaged);
    }
  });

  test('does not take one backup for another', async () => {
    const place = newPlace();
    const repository = await openRepository({ place, ...way });
    await backUp(repository);
    const other = '20261128T000000Z-0000';
    await rename(join(place, 'backups', id), join(place, 'backups', other));
    expect(await repository.list()).toMatchObject({ backups: [], damaged: [{ id: other, code: 'BackupDamaged' }] });
  });

  test('lists the others beside a manifest that was altered, cut, or is of newer code', async () => {
    const place = newPlace();
    const repository = await openRepository({ place, ...way });
    const others = ['20261127T000000Z-0001', '20261127T000000Z-0002', '20261127T000000Z-0003'];
    for (const each of [id, ...others]) await backUp(repository, each);
    const [altered = '', cut = '', newer = ''] = others.map((each) => join(place, 'backups', each, 'manifest.json'));
    await writeFile(altered, (await readFile(altered, 'utf8')).replace('"position": 10', '"position": 11'));
    await truncate(cut, 100);
    await writeFile(newer, '{ "format": 2, "seal": "sha512:of its own" }');
    const { backups, damaged } = await repository.list();
    expect(backups.map((each) => each.id)).toEqual([id]);
    expect(damaged.map(({ code }) => code)).toEqual(['BackupDamaged', 'BackupDamaged', 'BackupTooNew']);
    await expect(repository.manifest(others[2] ?? '')).rejects.toMatchObject({
      code: 'BackupTooNew',
      message: expect.stringContaining('format 2'),
    });
  });

  test('keeps write-ahead log once, takes the same again, and refuses other content', async () => {
    const repository = await openRepository({ place: newPlace(), ...way });
    const name = '000000010000000000000003';
    await Promise.all([repository.archiveWal(name, of(content)), repository.archiveWal(name, of(content))]);
    await expect(repository.archiveWal(name, of(content.subarray(1)))).rejects.toMatchObject({
      code: 'WalConflict',
      message: expect.stringContaining(name),
    });
    expect((await collected(repository.readWal(name))).equals(content)).toBe(true);
    await repository.archiveWal('00000002.history', of(Buffer.from('1\t0/3000000\tx\n')));
    expect(await namesIn(repository.listWal())).toEqual([name, '00000002.history']);
    await repository.deleteWal(name);
    await expect(collected(repository.readWal(name))).rejects.toMatchObject({ code: 'NotFound' });
  });

  test('finds out that write-ahead log was altered, or is of another place in it', async () => {
    const place = newPlace();
    const repository = await openRepository({ place, ...way });
    const [name, next] = ['000000010000000000000003', '000000010000000000000004'];
    await repository.archiveWal(name, of(content));
    const file = join(place, 'wal', name);
    await cp(file, join(place, 'wal', next));
    await writeFile(file, flipped(await readFile(file), 5_000));
    for (const each of [name, next])
      await expect(collected(repository.readWal(each))).rejects.toMatchObject({
        code: 'BackupDamaged',
        message: expect.stringContaining(each),
      });
  });

  test('keeps reports, the newest of each id, and tells altered ones apart', async () => {
    const place = newPlace();
    const repository = await openRepository({ place, ...way });
    await repository.writeReport('drill', 'a', { passed: false });
    await repository.writeReport('drill', 'a', { passed: true });
    await repository.writeReport('drill', 'b', { passed: false });
    await repository.writeReport('verify', 'a', {});
    const file = join(place, 'reports', 'drill', 'b.json');
    await writeFile(file, (await readFile(file, 'utf8')).replace('false', 'true'));
    expect(await repository.listReports('drill')).toEqual([
      { id: 'a', report: { passed: true } },
      { id: 'b', report: undefined },
    ]);
    await repository.deleteReport('drill', 'a');
    expect(await repository.listReports('drill')).toHaveLength(1);
  });
});

describe('a repository', () => {
  test('that nothing was kept in makes nothing', async () => {
    const place = newPlace();
    const repository = await openRepository({ place, key: secret });
    expect(await repository.list()).toEqual({ backups: [], damaged: [], unfinished: [] });
    await expect(repository.manifest(id)).rejects.toMatchObject({ code: 'NotFound' });
    await expect(readdir(place)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('does not open with another key, even before anything is read', async () => {
    const place = newPlace();
    await backUp(await openRepository({ place, key: secret }));
    await expect(openRepository({ place, key: `${secret}!` })).rejects.toMatchObject({ code: 'BackupKeyWrong' });
  });

  test('opens though what its key is known by was altered, and says so if both of it are: that is no other key', async () => {
    const place = newPlace();
    await backUp(await openRepository({ place, key: secret }));
    const [record, copy] = [join(place, 'kiroku-backups-key.json'), join(place, 'kiroku-backups-key-copy.json')];
    const whole = await readFile(record, 'utf8');
    const digit = whole.indexOf('"check": "') + 10;
    await writeFile(record, `${whole.slice(0, digit)}${whole[digit] === '0' ? '1' : '0'}${whole.slice(digit + 1)}`);
    const repository = await openRepository({ place, key: secret });
    expect((await collected(repository.read(id, 'cluster.tar'))).equals(content)).toBe(true);
    await expect(openRepository({ place, key: `${secret}!` })).rejects.toMatchObject({ code: 'BackupKeyWrong' });
    await writeFile(copy, whole.slice(1));
    const altered = { code: 'BackupDamaged', message: expect.stringContaining('kiroku-backups-key.json') };
    await expect(openRepository({ place, key: secret })).rejects.toMatchObject(altered);
    await writeFile(copy, whole);
    await rm(record);
    expect(await openRepository({ place })).toMatchObject({ locked: true });
  });

  test('can be listed and checked without its key, and neither read nor written', async () => {
    const place = newPlace();
    const manifest = await backUp(await openRepository({ place, key: secret }));
    const repository = await openRepository({ place });
    expect(repository).toMatchObject({ locked: true, encrypted: false });
    expect((await repository.list()).backups).toEqual([manifest]);
    expect(await collected(repository.readKept(id, 'cluster.tar'))).toHaveLength(manifest.parts[0]?.storedBytes ?? 0);
    await expect(collected(repository.read(id, 'cluster.tar'))).rejects.toMatchObject({ code: 'BackupKeyWrong' });
    await expect(repository.begin('20261128T000000Z-0000')).rejects.toMatchObject({ code: 'BackupKeyWrong' });
    await expect(repository.archiveWal('000000010000000000000001', of(content))).rejects.toMatchObject({ code: 'BackupKeyWrong' });
  });

  test('takes a key later: what was kept before is read as it is, and what is kept from then on is encrypted', async () => {
    const place = newPlace();
    await backUp(await openRepository({ place }));
    const later = '20261128T000000Z-0000';
    await backUp(await openRepository({ place, key: secret }), later);
    const repository = await openRepository({ place, key: secret });
    expect((await repository.list()).backups.map(({ encrypted }) => encrypted)).toEqual([false, true]);
    for (const each of [id, later]) expect((await collected(repository.read(each, 'cluster.tar'))).equals(content)).toBe(true);
  });

  test('keeps keys of personal data encrypted, under nothing but their time, and only so', async () => {
    const place = newPlace();
    const repository = await openRepository({ place, key: secret });
    await repository.keepKeys(id, of(content));
    const kept: string[] = [];
    for await (const each of repository.listKeys()) kept.push(each.id);
    expect(kept).toEqual([id]);
    expect((await collected(repository.readKeys(id))).equals(content)).toBe(true);
    const file = join(place, 'keys', id);
    await writeFile(file, flipped(await readFile(file), 100));
    await expect(collected(repository.readKeys(id))).rejects.toMatchObject({ code: 'BackupDamaged' });
    await repository.deleteKeys(id);
    await expect(collected(repository.readKeys(id))).rejects.toMatchObject({ code: 'NotFound' });
    const open = await openRepository({ place: newPlace() });
    await expect(open.keepKeys(id, of(content))).rejects.toMatchObject({ code: 'BackupKeyWrong' });
  });

  test('has one key, whichever of two that begin at once is quicker', async () => {
    const place = newPlace();
    const secrets = [secret, `${secret}!`];
    const repositories = await Promise.all(secrets.map((key) => openRepository({ place, key })));
    const ids = ['20261128T000000Z-0001', '20261128T000000Z-0002'];
    const outcomes = await Promise.allSettled(repositories.map((repository, which) => backUp(repository, ids[which])));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const winner = outcomes.findIndex(({ status }) => status === 'fulfilled');
    expect(outcomes[1 - winner]).toMatchObject({ reason: { code: 'BackupKeyWrong' } });
    const anew = await openRepository({ place, key: secrets[winner] ?? '' });
    expect((await collected(anew.read(ids[winner] ?? '', 'cluster.tar'))).equals(content)).toBe(true);
  });

  test('of newer code is not opened', async () => {
    const place = newPlace();
    await backUp(await openRepository({ place }));
    await writeFile(join(place, 'kiroku-backups.json'), '{ "format": 2 }');
    await expect(openRepository({ place })).rejects.toMatchObject({ code: 'BackupTooNew' });
    await writeFile(join(place, 'kiroku-backups.json'), 'something else');
    await expect(openRepository({ place })).rejects.toMatchObject({ code: 'BackupDamaged' });
  });

  test('takes no name that leads elsewhere', async () => {
    const repository = await openRepository({ place: newPlace() });
    for (const name of ['..', '../x', 'a/b', '', '.x']) {
      await expect(repository.begin(name)).rejects.toMatchObject({ code: 'BadRequest' });
      await expect(repository.delete(name)).rejects.toMatchObject({ code: 'BadRequest' });
      await expect(repository.manifest(name)).rejects.toMatchObject({ code: 'BadRequest' });
    }
  });

  test('deletes a backup, and nothing of one whose id begins the same', async () => {
    const repository = await openRepository({ place: newPlace() });
    await backUp(repository, '20261127T221846Z-0');
    await backUp(repository, '20261127T221846Z-01');
    await repository.delete('20261127T221846Z-0');
    expect((await repository.list()).backups.map((each) => each.id)).toEqual(['20261127T221846Z-01']);
  });
});

function flipped(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ 1;
  return changed;
}
