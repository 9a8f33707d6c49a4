import { mkdir, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRepository } from '@kiroku/backup';
import { migrate } from '@kiroku/postgres';
import { sampleManifest, throwAwayDatabase } from '@kiroku/testing';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { printedBy } from '../printed-by.test-service.ts';

let given: Awaited<ReturnType<typeof installation>>;
beforeAll(async () => {
  given = await installation();
});
beforeEach(() => given.empty());
afterAll(() => given[Symbol.asyncDispose]());

const [oldest, old, recent] = ['20260101T020000Z-0001', '20260102T020000Z-0002', '20991231T020000Z-0003'] as const;

test('`backup list` shows what there is, what is damaged, and what was never finished', async () => {
  await given.backUp(old, recent);
  await given.begin('20260103T020000Z-0004');
  await truncate(join(given.place, 'backups', old, 'manifest.json'), 40);
  const { code, printed } = await given.kiroku('list');
  expect(code).toBe(0);
  expect(printed).toMatch(/20991231T020000Z-0003 +embedded +5 s +7 +\d+ B +yes +never/);
  expect(printed).toMatch(/✗ The manifest of backup 20260102T020000Z-0002 in .* is not JSON[\s\S]*! 20260103T020000Z-0004 is not finished/);
});

test('`backup list` without any says how one is made', async () => {
  expect(await given.kiroku('list')).toMatchObject({ code: 0, printed: expect.stringContaining('`kiroku backup create` makes one') });
});

test('`backup show` says what is in one, and `--json` all of it', async () => {
  await given.backUp(recent);
  expect((await given.kiroku('show', recent)).printed).toMatch(
    /log +a, timeline 1, up to position 7[\s\S]*cluster\.tar +7 B, kept as \d+ B, SHA-256 [0-9a-f]{64}/,
  );
  expect(JSON.parse((await given.kiroku('show', recent, '--json')).printed)).toMatchObject({ id: recent, encrypted: true });
  expect(await given.kiroku('show', 'nothing')).toMatchObject({ code: 1, printed: expect.stringContaining('kiroku backup list') });
});

test('`backup verify` tells whole from damaged by its exit code, and names the part', async () => {
  await given.backUp(old, recent);
  expect(await given.kiroku('verify')).toMatchObject({ code: 0, printed: expect.stringContaining(`✓ ${recent} is whole.`) });
  await truncate(join(given.place, 'backups', old, 'parts', 'cluster.tar'), 45);
  const { code, printed } = await given.kiroku('verify', '--all');
  expect(code).toBe(1);
  expect(printed).toMatch(new RegExp(`✗ ${old} is damaged.\n.*cluster.tar of backup ${old}`));
  expect(await given.kiroku('verify', '--all', old)).toMatchObject({ code: 2 });
});

test('`backup prune` asks, previews, and then removes and records', async () => {
  await given.backUp(oldest, old, recent);
  const { code, printed } = await given.kiroku('prune');
  expect(code).toBe(1);
  expect(printed).toMatch(new RegExp(`would remove ${oldest}: too old[\\s\\S]*would remove ${old}[\\s\\S]*Nothing was removed. Add --yes`));
  expect((await given.kiroku('prune', '--dry-run', '--json')).printed).toContain(oldest);
  expect(await given.backups()).toEqual([oldest, old, recent]);
  expect(await given.kiroku('prune', '--yes')).toMatchObject({ code: 0, printed: expect.stringContaining(`removed ${oldest}`) });
  expect(await given.backups()).toEqual([recent]);
  expect(await given.audited()).toMatchObject([
    { verb: 'backup prune', arguments: { keepDays: 30, backups: [oldest, old] }, outcome: { succeeded: true } },
  ]);
  expect(await given.kiroku('prune')).toMatchObject({ code: 0, printed: 'Nothing is due.\n' });
});

test('`backup prune` removes nothing if it cannot be recorded, unless that is asked for', async () => {
  await given.backUp(old, recent);
  vi.stubEnv('COMMAND_DATABASE_URL', 'postgres://127.0.0.1:1/command_db');
  expect(await given.kiroku('prune', '--yes')).toMatchObject({ code: 1, printed: expect.stringContaining('--no-audit') });
  expect(await given.backups()).toEqual([old, recent]);
  expect(await given.kiroku('prune', '--yes', '--no-audit')).toMatchObject({ code: 0 });
  expect(await given.backups()).toEqual([recent]);
  vi.stubEnv('COMMAND_DATABASE_URL', given.commandDatabase);
});

test('`backup schedule` prints absolute paths for cron and systemd', async () => {
  const { printed } = await given.kiroku('schedule', '--env-file', '/etc/kiroku/test.env', '--user', 'shop');
  expect(printed).toMatch(
    /^0 2 \* \* \* cd \S+ && set -a && \. \/etc\/kiroku\/test\.env && set \+a && \/\S+ \/\S+ --config \/\S+ backup create && /m,
  );
  expect(printed).toMatch(/systemctl enable --now kiroku-test-backup\.timer kiroku-test-drill\.timer kiroku-test-keys\.timer/);
  expect(JSON.parse((await given.kiroku('schedule', '--json')).printed)).toMatchObject({
    cron: [{}, {}, {}].map(() => expect.any(String)),
  });
});

test('`backup keys` keeps what is new in the store of keys, and nothing in a place that is not encrypted', async () => {
  expect((await given.kiroku('keys')).printed).toBe('No key of personal data is new.\n');
  await mkdir(join(given.keys, 'aa'), { recursive: true });
  await writeFile(join(given.keys, 'aa', `${'a'.repeat(64)}.json`), '{}');
  expect((await given.kiroku('keys')).printed).toMatch(/^✓ 1 key of personal data is kept in /);
  expect(JSON.parse((await given.kiroku('keys', '--json')).printed)).toMatchObject({ kept: 1 }); // of the last minutes, once more
  await given.empty();
  vi.stubEnv('BACKUP_KEY', '');
  expect(await given.kiroku('keys')).toMatchObject({ code: 1, printed: expect.stringContaining('kept encrypted only') });
  vi.stubEnv('BACKUP_KEY', key);
});

test('another key is refused before anything is done', async () => {
  await given.backUp(recent);
  vi.stubEnv('BACKUP_KEY', 'another secret of thirty-two characters');
  expect(await given.kiroku('list')).toMatchObject({ code: 1, printed: expect.stringContaining('BACKUP_KEY is not the one') });
  vi.stubEnv('BACKUP_KEY', key);
});

const key = 'a secret of thirty-two characters';
const known = { ...sampleManifest(), head: { log: 'a', timeline: 1, position: 7, hash: '0'.repeat(64) } };

async function* rows(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('a, b, c');
}

async function installation() {
  const commands = await throwAwayDatabase('command_db', migrate);
  const root = await mkdtemp(join(tmpdir(), 'kiroku-cli-'));
  const [config, place, keys] = [join(root, 'kiroku.config.mjs'), join(root, 'backups'), join(root, 'keys')];
  await writeFile(config, `export default { name: 'test', application: { name: 'test', aggregates: [] }, services: [] };`);
  for (const database of ['EVENT_STORE', 'COMMAND', 'QUERY']) vi.stubEnv(`${database}_DATABASE_URL`, commands.serviceUrl);
  vi.stubEnv('BACKUP_URL', place);
  vi.stubEnv('BACKUP_KEY', key);
  vi.stubEnv('KIROKU_KEY_DIR', keys);
  return {
    place,
    keys,
    commandDatabase: commands.serviceUrl,
    kiroku: (...args: string[]) => printedBy(['node', 'kiroku', '--config', config, 'backup', ...args]),
    empty: () => rm(place, { recursive: true, force: true }),
    async begin(id: string) {
      const writer = await (await openRepository({ place, key })).begin(id);
      await writer.add('cluster.tar', rows());
      return writer;
    },
    async backUp(...ids: readonly string[]) {
      for (const id of ids) {
        const time = id === recent ? '2099-12-31T02:00:00.000Z' : known.startedAt;
        const finishedAt = new Date(Date.parse(time) + 5_000).toISOString();
        await (await this.begin(id)).finish({ ...known, startedAt: time, finishedAt });
      }
    },
    backups: async () => (await readdir(join(place, 'backups'))).sort(),
    async audited() {
      const { printed } = await printedBy(['node', 'kiroku', '--config', config, 'audit', '--verb', 'backup prune', '--json']);
      return JSON.parse(printed.slice(0, printed.lastIndexOf(']') + 1)) as readonly object[];
    },
    async [Symbol.asyncDispose]() {
      vi.unstubAllEnvs();
      await rm(root, { recursive: true });
      await commands[Symbol.asyncDispose]();
    },
  };
}
