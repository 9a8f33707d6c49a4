import { createHash } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRepository } from '@kiroku/backup';
import { encryptedEventStore } from '@kiroku/engine';
import { migrate, PostgresEventStore, tarOf } from '@kiroku/postgres';
import { FileKeyStore } from '@kiroku/service/keys';
import { sampleManifest, throwAwayDatabase } from '@kiroku/testing';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { printedBy } from '../printed-by.test-service.ts';

let given: Awaited<ReturnType<typeof installation>>;
beforeAll(async () => {
  given = await installation();
  await given.register('ada', 'bob', 'cleo', 'dora');
});
beforeEach(async () => {
  await given.begin();
});
afterAll(() => given[Symbol.asyncDispose]());

test('keys that were lost or damaged are shown first, and put back with --yes: their data can be read again', async () => {
  await given.keep();
  await given.lose('ada');
  await given.damage('bob');
  const before = await given.files();
  const looked = await given.restoreKeys();
  expect(looked).toMatchObject({
    code: 1,
    printed: expect.stringMatching(/1 key is missing[\s\S]*1 file is damaged[\s\S]*Nothing was changed. Add --yes/),
  });
  expect(await given.restoreKeys('--dry-run')).toMatchObject({ code: 0 });
  expect(await given.files()).toEqual(before);

  const { code, printed } = await given.restoreKeys('--yes');
  expect({ code, printed }).toMatchObject({ code: 0, printed: expect.stringContaining('✓ 2 keys of personal data are back') });
  expect(printed).toMatch(/ada, bob can be read again[\s\S]*No key is missing of the 4 subjects/);
  expect(await given.found()).toEqual(['key', 'key', 'key', 'key']);
  expect(await given.audited()).toMatch(/restore keys/);
  expect(await given.restoreKeys('--yes')).toMatchObject({ code: 0, printed: expect.stringContaining('Nothing is to be put back') });
});

test('who was forgotten stays so, and nobody else is touched', async () => {
  await given.keep();
  await given.store().forget('ada');
  await given.lose('bob');
  const cleo = await given.textOf('cleo');
  const report = await given.json('--yes');
  expect(report).toMatchObject({ code: 0, put: { added: [expect.any(String)], replaced: [], beside: [] }, missing: { subjects: [] } });
  expect(await given.found()).toEqual(['forgotten', 'key', 'key', 'key']);
  expect(await given.textOf('cleo')).toBe(cleo);
});

test('a lost master key opens all keys again: what is shown first says so, and makes none', async () => {
  await given.keep();
  await given.loseMaster();
  const before = await given.files();
  const told = { put: { added: ['master.key'], beside: [] }, back: subjects, missing: { subjects: [] } };
  expect(await given.json('--dry-run')).toMatchObject({ code: 0, ...told });
  expect(await given.files()).toEqual(before);
  expect(await given.json('--yes')).toMatchObject({ code: 0, ...told });
  expect(await given.found()).toEqual(['key', 'key', 'key', 'key']);
});

test('the same of a master key that is damaged, while another opens what is there', async () => {
  vi.stubEnv('SECRET_KEY_BASE', undefined);
  await given.keep();
  await given.addMaster();
  await given.damageMaster();
  const told = { put: { added: [], replaced: ['master.key'], beside: [] }, back: subjects, missing: { subjects: [] } };
  expect(await given.json('--dry-run')).toMatchObject({ code: 0, ...told });
  expect(await given.json('--yes')).toMatchObject({ code: 0, ...told });
  vi.stubEnv('SECRET_KEY_BASE', secret);
});

test('of whom was forgotten, as a backup or what is left of a file says, nobody says that they can be read again', async () => {
  await given.keep();
  for (const subject of ['ada', 'bob']) await given.store().forget(subject);
  await given.damage('bob', (await given.textOf('bob')).slice(0, 30));
  await given.keep('20260102T020000000Z-0002');
  await given.damage('ada', '');
  await given.lose('cleo');
  const told = { put: { added: [expect.any(String)], replaced: [expect.any(String), expect.any(String)] }, back: ['cleo'] };
  expect(await given.json('--dry-run')).toMatchObject({ code: 0, ...told, missing: { subjects: [] } });
  expect(await given.json('--yes')).toMatchObject({ code: 0, ...told, missing: { subjects: [] } });
  expect(await given.found()).toEqual(['forgotten', 'forgotten', 'key', 'key']);
});

test('a key that no backup has is told to be missing still, and that is no success', async () => {
  await given.lose('dora');
  await given.keep();
  await given.lose('ada');
  await given.damage('cleo', 'half');
  expect(await given.json()).toMatchObject({ code: 1, done: false, missing: { subjects: ['dora'], looked: 4 } });
  const { code, printed } = await given.restoreKeys('--yes');
  expect({ code, printed }).toMatchObject({
    code: 1,
    printed: expect.stringMatching(/✗ Of 1 of the 4 subjects .* no key is kept[\s\S]*dora/),
  });
  expect(await given.json('--all')).toMatchObject({ code: 1, done: false, missing: { subjects: ['dora'], looked: 4 } });
});

test('what an older backup alone has is found, unless another is named', async () => {
  await given.keep('20260101T020000000Z-0001');
  await given.lose('ada');
  await given.keep('20260102T020000000Z-0002');
  expect(await given.json('--backup', '20260102T020000000Z-0002', '--yes')).toMatchObject({ code: 1, missing: { subjects: ['ada'] } });
  expect(await given.restoreKeys('--backup', 'nothing')).toMatchObject({ code: 1, printed: expect.stringContaining('nothing') });
  expect(await given.json('--yes')).toMatchObject({ code: 0, missing: { subjects: [] } });
});

test('where nothing is kept, or cannot be opened, that is said; and options of a restore are refused', async () => {
  expect(await given.restoreKeys()).toMatchObject({ code: 1, printed: expect.stringContaining('BACKUP_KEY') });
  expect(await given.restoreKeys('--latest')).toMatchObject({ code: 2 });
  await given.keep();
  vi.stubEnv('BACKUP_KEY', '');
  expect(await given.restoreKeys()).toMatchObject({ code: 1, printed: expect.stringContaining('there is no BACKUP_KEY') });
  vi.stubEnv('BACKUP_KEY', key);
});

test('without command_db nothing is put back, unless that is asked for; without the log it is not told what is missing', async () => {
  await given.keep();
  await given.lose('ada');
  vi.stubEnv('COMMAND_DATABASE_URL', 'postgres://127.0.0.1:1/command_db');
  expect(await given.restoreKeys('--yes')).toMatchObject({ code: 1, printed: expect.stringContaining('--no-audit') });
  vi.stubEnv('EVENT_STORE_DATABASE_URL', 'postgres://127.0.0.1:1/event_store');
  const { code, printed } = await given.restoreKeys('--yes', '--no-audit');
  expect({ code, printed }).toMatchObject({
    code: 3,
    printed: expect.stringMatching(/1 key of personal data is back[\s\S]*log cannot be read/),
  });
  for (const [name, url] of Object.entries(given.urls)) vi.stubEnv(name, url);
  expect(await given.found()).toEqual(['key', 'key', 'key', 'key']);
});

const key = 'a secret of thirty-two characters';
const secret = 's'.repeat(64);
const subjects = ['ada', 'bob', 'cleo', 'dora'];

async function installation() {
  const [log, commands] = await Promise.all([throwAwayDatabase('event_store', migrate), throwAwayDatabase('command_db', migrate)]);
  const root = await mkdtemp(join(tmpdir(), 'kiroku-cli-'));
  const [config, place, keys, whole] = ['kiroku.config.mjs', 'backups', 'keys', 'whole'].map((name) => join(root, name)) as [
    string,
    string,
    string,
    string,
  ];
  await writeFile(config, `export default { name: 'test', application: { name: 'test', aggregates: [] }, services: [] };`);
  const urls = {
    EVENT_STORE_DATABASE_URL: log.serviceUrl,
    COMMAND_DATABASE_URL: commands.serviceUrl,
    QUERY_DATABASE_URL: commands.serviceUrl,
  };
  const settings = {
    ...urls,
    BACKUP_URL: place,
    BACKUP_KEY: key,
    KIROKU_KEY_DIR: keys,
    SECRET_KEY_BASE: secret,
    KIROKU_DATA_DIR: join(root, 'data'),
  };
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
  const store = () => new FileKeyStore({ directory: keys, secret });
  const kiroku = (...args: string[]) => printedBy(['node', 'kiroku', '--config', config, ...args]);
  const fileOf = (subject: string) => {
    const name = createHash('sha256').update(subject).digest('hex');
    return join(keys, name.slice(0, 2), `${name}.json`);
  };
  return {
    urls,
    store,
    restoreKeys: (...args: string[]) => kiroku('restore', 'keys', ...args),
    async json(...args: string[]) {
      const { code, printed } = await kiroku('restore', 'keys', '--json', ...args);
      if (!printed.includes('{')) throw new Error(printed);
      return { code, ...(JSON.parse(printed.slice(printed.indexOf('{'), printed.lastIndexOf('}') + 1)) as object) };
    },
    audited: async () => (await kiroku('audit', '--operators')).printed,
    async register(...ids: readonly string[]) {
      await using events = new PostgresEventStore({ url: log.serviceUrl });
      const personal = { subject: ({ id }: { readonly id: string }) => id, fields: ['email'] };
      const aggregates = [{ events: { Registered: { schema: undefined as never, personal } } }]; // nothing is validated here
      const encrypted = encryptedEventStore(events, { aggregates, keys: new FileKeyStore({ directory: whole }) }); // of the time before the secret
      for (const id of ids) {
        const data = { id, email: `${id}@example.com` };
        await encrypted.append({
          streams: [{ stream: `customer-${id}`, expectedVersion: 'noStream', events: [{ type: 'Registered', data }] }],
        });
      }
    },
    /** All keys are there, and none is kept. */
    async begin() {
      await rm(place, { recursive: true, force: true });
      await rm(keys, { recursive: true, force: true });
      await cp(whole, keys, { recursive: true });
    },
    /** A backup of the keys that are there. */
    async keep(id = '20260101T020000000Z-0001') {
      const writer = await (await openRepository({ place, key })).begin(id);
      const files = (await readdir(keys, { recursive: true })).filter((name) => /\.(json|key)$/.test(name));
      const packed = tarOf(async (tar) => {
        for (const file of files) await tar.file(file, join(keys, file));
      });
      await writer.add('keys.tar', packed);
      await writer.finish({ ...sampleManifest(), keys: true });
    },
    lose: async (subject: string) => rm(fileOf(subject)),
    addMaster: async () => cp(join(keys, 'master.key'), join(keys, 'master-0123456789abcdef.key')),
    damageMaster: async () => writeFile(join(keys, 'master.key'), ''),
    loseMaster: async () => rm(join(keys, 'master.key')),
    damage: async (subject: string, text = '') => writeFile(fileOf(subject), text),
    textOf: async (subject: string) => readFile(fileOf(subject), 'utf8'),
    files: async () => (await readdir(keys, { recursive: true })).sort(),
    found: async () => {
      const found = await Promise.all(subjects.map((subject) => store().findKey(subject)));
      return found.map((each) => (each instanceof Uint8Array ? 'key' : each));
    },
    async [Symbol.asyncDispose]() {
      vi.unstubAllEnvs();
      await rm(root, { recursive: true });
      for (const database of [log, commands]) await database[Symbol.asyncDispose]();
    },
  };
}
