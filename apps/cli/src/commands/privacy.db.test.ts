import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineEvents, defineProjection, type JsonObject } from '@kiroku/core';
import { encryptedEventStore, ProjectionWorker } from '@kiroku/engine';
import { createPool, migrate, type Pool, PostgresEventStore, PostgresReadModelStore } from '@kiroku/postgres';
import { FileKeyStore } from '@kiroku/service/keys';
import { anySchema, throwAwayDatabase } from '@kiroku/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { printedBy } from '../printed-by.test-service.ts';

let given: Awaited<ReturnType<typeof installation>>;
beforeEach(async () => {
  given = await installation();
});
afterEach(() => given[Symbol.asyncDispose]());

const forget = ['privacy', 'forget', 'ada', '--reason', 'request 7'];

test('who is forgotten is nowhere in the clear once what the verb says was done, and the log is whole', async () => {
  await given.join('ada', 'Lovelace');
  await given.join('bob', 'Byron');
  for (const args of [
    ['projection', 'rebuild', 'members'],
    ['projection', 'verify', '--incremental'],
    ['replay', '--until', '2'],
  ])
    expect(await given.kiroku(...args)).toMatchObject({ code: 0 });
  const stored = await given.stored();
  expect(stored).toContain('$personal');
  expect(await given.derived()).toMatch(/Lovelace[\s\S]*Byron|Byron[\s\S]*Lovelace/);

  const before = await given.json('privacy', 'show', 'ada');
  expect(before).toMatchObject({ code: 0, key: { state: 'key' }, log: { events: 1, types: ['Joined'] }, unseen: [] });
  const done = await given.json(...forget, '--yes');
  expect(done).toMatchObject({ code: 0, done: true, key: { state: 'forgotten' }, unseen: [] });
  expect(done.commands).toEqual(before.commands);
  expect(done.commands).toEqual([
    'kiroku projection rebuild members',
    'kiroku projection retire members --build 1 --yes',
    'kiroku projection retire members --build 2 --yes',
    'kiroku replay drop at_2 --yes',
  ]);
  for (const command of done.commands) expect(await given.kiroku(...command.split(' ').slice(1))).toMatchObject({ code: 0 });

  expect(await given.derived()).not.toContain('Lovelace');
  expect(await given.derived()).toContain('Byron');
  expect((await given.kiroku('events', 'show', 'member-ada', '--reveal')).printed).toContain('(forgotten)');
  expect(await given.kiroku('events', 'verify', '--deep')).toMatchObject({ code: 0 });
  expect(await given.stored()).toBe(stored);
  expect(await given.json('privacy', 'show', 'ada')).toMatchObject({ code: 0, places: [], commands: [] });
  expect((await given.kiroku('privacy', 'show', 'ada')).printed).toContain('Nothing is known here');
}, 60_000);

test('with --follow-up a service makes the read models anew, and what is left is for when it has', async () => {
  await given.join('ada', 'Lovelace');
  await given.kiroku(...forget, '--yes', '--no-wait');
  await given.age('ada'); // no memory has the key any more
  expect(await given.kiroku(...forget, '--no-wait', '--follow-up')).toMatchObject({ code: 2 });
  const { followUp, commands, ...report } = await given.json(...forget, '--follow-up');
  expect(report).toMatchObject({ code: 0, done: false });
  expect(followUp).toEqual({ names: ['members'], job: expect.any(String) });
  expect(commands).toEqual(['kiroku projection retire members --build 1 --yes']);
  expect(await given.kiroku('job', 'resume', followUp?.job ?? '')).toMatchObject({ code: 0 });
  for (const command of commands) expect(await given.kiroku(...command.split(' ').slice(1))).toMatchObject({ code: 0 });
  expect(await given.derived()).not.toContain('Lovelace');
});

test('without --yes, and nobody to ask, it says what would be done, and nothing is; nor with --dry-run', async () => {
  await given.join('ada', 'Lovelace');
  const looked = await given.kiroku(...forget);
  expect(looked).toMatchObject({
    code: 1,
    printed: expect.stringMatching(
      /ada: has a key[\s\S]*would be destroyed for good[\s\S]*read model members: build 1 \(read\)[\s\S]*kiroku projection rebuild members[\s\S]*Nothing was changed. Add --yes/,
    ),
  });
  expect(await given.json('privacy', 'forget', 'ada', '--dry-run')).toMatchObject({ code: 0, done: false, key: { state: 'key' } });
  expect(await given.keys.findKey('ada')).toBeInstanceOf(Uint8Array);
  expect(await given.audited()).not.toContain('privacy forget');
});

test('it is in the audit log with who and why, and of the subject a digest alone; a reason that names it is refused', async () => {
  await given.join('ada-1815', 'Lovelace');
  const verb = ['privacy', 'forget', 'ada-1815', '--yes', '--no-wait'];
  expect(await given.kiroku(...verb)).toMatchObject({ code: 2, printed: expect.stringContaining('--reason') });
  expect(await given.kiroku(...verb, '--reason', 'as Ada-1815 asks')).toMatchObject({
    code: 1,
    printed: expect.stringContaining('names the subject'),
  });
  expect(await given.keys.findKey('ada-1815')).toBeInstanceOf(Uint8Array);
  expect(await given.kiroku(...verb, '--reason', 'request 7', '--as', 'dpo')).toMatchObject({ code: 0 });
  const entry = await given.audited();
  expect(entry).toMatch(/"dpo"[\s\S]*"request 7"/);
  expect(entry).toContain(`sha256:${createHash('sha256').update('ada-1815').digest('hex')}`);
  expect(entry).not.toMatch(/ada/i);
  expect((await given.kiroku('privacy', 'show', 'ada-1815')).printed).toContain('sha256:');
});

test('who was forgotten already stays so: that is said, and is no fault; nothing more is noted', async () => {
  await given.join('ada', 'Lovelace');
  expect(await given.kiroku(...forget, '--yes', '--no-wait')).toMatchObject({
    code: 0,
    printed: expect.stringContaining('The key is destroyed'),
  });
  const again = await given.kiroku(...forget);
  expect(again).toMatchObject({ code: 0, printed: expect.stringMatching(/ada: forgotten, at 20[\s\S]*kiroku projection rebuild members/) });
  expect(again.printed).not.toContain('The key is destroyed');
  expect((await given.audited()).match(/"privacy forget"/g)).toHaveLength(1);
});

test('whom nobody knows is not forgotten silently, whatever is agreed to', async () => {
  await given.join('ada', 'Lovelace');
  const typo = ['privacy', 'forget', 'member-ada', '--reason', 'request 7', '--yes', '--no-wait'];
  expect(await given.kiroku(...typo)).toMatchObject({
    code: 1,
    printed: expect.stringMatching(/nobody would be forgotten. Did you mean ada\?/),
  });
  expect(await given.kiroku('privacy', 'show', 'member-ada')).toMatchObject({ code: 1, printed: expect.stringContaining('not known') });
  expect(await given.keys.findKey('member-ada')).toBeUndefined();
  expect(await given.kiroku(...typo, '--unknown')).toMatchObject({ code: 0 });
  expect(await given.keys.findKey('member-ada')).toBe('forgotten');
  for (const subject of ['', ' ada', 'x'.repeat(201)])
    expect(await given.kiroku('privacy', 'forget', subject, '--reason', 'request 7', '--yes', '--unknown')).toMatchObject({
      code: 1,
      printed: expect.stringContaining('BadRequest'),
    });
});

test('whose key is damaged, or lost, can be forgotten, and is told apart', async () => {
  await given.join('ada', 'Lovelace');
  await writeFile(await given.fileOf('ada'), 'half');
  expect(await given.json('privacy', 'show', 'ada')).toMatchObject({ code: 1, key: { state: 'damaged' } });
  expect(await given.kiroku(...forget, '--yes', '--no-wait')).toMatchObject({ code: 0 });
  expect(await given.keys.findKey('ada')).toBe('forgotten');
  await given.join('bob', 'Byron');
  await rm(await given.fileOf('bob'));
  expect(await given.json('privacy', 'show', 'bob')).toMatchObject({ code: 1, key: { state: 'lost' } });
  expect(await given.kiroku('privacy', 'forget', 'bob', '--reason', 'request 8', '--yes', '--no-wait')).toMatchObject({ code: 0 });
});

test('a consumer is no person', async () => {
  await given.kiroku('consumer', 'add', 'crm', 'http://127.0.0.1:9/', '--reveal');
  const { id } = JSON.parse((await given.kiroku('consumer', 'show', 'crm', '--json')).printed).consumer as { readonly id: string };
  expect(await given.kiroku('privacy', 'forget', `consumer-${id}`, '--reason', 'request 7', '--yes', '--unknown')).toMatchObject({
    code: 1,
    printed: expect.stringContaining('kiroku consumer remove crm'),
  });
  await given.join('ada', 'Lovelace');
  expect((await given.kiroku('privacy', 'show', 'ada')).printed).toContain('consumer crm: gets personal fields readable');
});

test('without command_db nothing is forgotten; without query_db it is, and what could not be looked at is said', async () => {
  await given.join('ada', 'Lovelace');
  vi.stubEnv('COMMAND_DATABASE_URL', 'postgres://127.0.0.1:1/command_db');
  expect(await given.kiroku(...forget, '--yes', '--no-wait')).toMatchObject({ code: 1, printed: expect.stringContaining('was not run') });
  expect(await given.keys.findKey('ada')).toBeInstanceOf(Uint8Array);
  vi.stubEnv('COMMAND_DATABASE_URL', given.urls.command_db);
  vi.stubEnv('QUERY_DATABASE_URL', 'postgres://127.0.0.1:1/query_db');
  expect(await given.kiroku(...forget, '--yes', '--no-wait')).toMatchObject({
    code: 3,
    printed: expect.stringContaining('Could not look at read models'),
  });
  expect(await given.keys.findKey('ada')).toBe('forgotten');
});

const events = defineEvents({
  Joined: {
    schema: anySchema<JsonObject & { readonly id: string; readonly name: string }>(),
    personal: { subject: ({ id }) => id, fields: ['name'] },
  },
});

// the configuration file has the same, as an application would import it
const members = defineProjection({
  name: 'members',
  version: 1,
  events,
  tables: {
    member: {
      columns: { id: 'text key', name: 'text' },
      on: { Joined: { keys: ({ data }) => ({ id: data.id }), fold: (_, { data }) => ({ id: data.id, name: data.name }) } },
    },
  },
});

const configuration = `
const member = {
  columns: { id: 'text key', name: 'text' },
  key: ['id'],
  indexes: [],
  keys: ({ data }) => [{ id: data.id }],
  fold: (_, { data }) => ({ id: data.id, name: data.name }),
};
const members = { kind: 'fold', name: 'members', version: 1, partitions: 1, tables: { member }, eventTypes: ['Joined'], upcast: (event) => event };
const aggregate = {
  name: 'member',
  events: { Joined: { personal: { subject: ({ id }) => id, fields: ['name'] } } },
  commands: {},
  initialState: {},
  evolve: (state) => state,
  decide: () => [],
};
export default { name: 'test', application: { name: 'test', aggregates: [aggregate], projections: [members], processManagers: [] }, services: [] };
`;

const secret = 's'.repeat(64);

/** Databases that a process follows, with keys, and a configuration. */
async function installation() {
  const databases = await Promise.all((['event_store', 'command_db', 'query_db'] as const).map((name) => throwAwayDatabase(name, migrate)));
  const [event_store = '', command_db = '', query_db = ''] = databases.map(({ serviceUrl }) => serviceUrl);
  const root = await mkdtemp(join(tmpdir(), 'kiroku-cli-'));
  const [config, directory] = [join(root, 'kiroku.config.mjs'), join(root, 'keys')];
  await writeFile(config, configuration);
  const settings = {
    EVENT_STORE_DATABASE_URL: event_store,
    COMMAND_DATABASE_URL: command_db,
    QUERY_DATABASE_URL: query_db,
    BACKUP_URL: join(root, 'backups'),
    KIROKU_KEY_DIR: directory,
    KIROKU_DATA_DIR: join(root, 'data'),
    SECRET_KEY_BASE: secret,
  };
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
  const keys = new FileKeyStore({ directory, secret });
  const log = new PostgresEventStore({ url: event_store });
  const eventStore = encryptedEventStore(log, { aggregates: [{ events }], keys });
  const pools = [
    createPool({ url: query_db, applicationName: 'kiroku-tests', max: 4 }),
    createPool({ url: event_store, applicationName: 'kiroku-tests', max: 1 }),
    createPool({ url: command_db, applicationName: 'kiroku-tests', max: 1 }),
  ] as const;
  const readModels = new PostgresReadModelStore({ pool: pools[0] });
  const worker = new ProjectionWorker({ eventStore, readModels, projections: [members], instance: 'worker a:1' });
  await worker.start();
  const kiroku = (...args: readonly string[]) => printedBy(['node', 'kiroku', '--config', config, ...args]);
  return {
    kiroku,
    keys,
    urls: { command_db },
    async json(...args: readonly string[]) {
      const { code, printed } = await kiroku(...args, '--json');
      const report = JSON.parse(printed.slice(printed.indexOf('{'), printed.lastIndexOf('}') + 1)) as {
        readonly commands: readonly string[];
        readonly followUp?: { readonly job: string };
      };
      return { code, ...report };
    },
    audited: async () => (await kiroku('audit', '--verb', 'privacy forget', '--json')).printed,
    async fileOf(subject: string) {
      const name = `${createHash('sha256').update(subject).digest('hex')}.json`;
      const path = (await readdir(directory, { recursive: true })).find((each) => each.endsWith(name));
      return join(directory, path ?? name);
    },
    /** Has it that the subject was forgotten, and everything before that, twenty seconds ago. */
    async age(subject: string) {
      const at = new Date(Date.now() - 20_000).toISOString();
      await writeFile(await this.fileOf(subject), JSON.stringify({ version: 1, state: 'forgotten', at }));
      await pools[0].query("update kiroku.projection_builds set created_at = created_at - interval '20 seconds'");
    },
    /** Appends, and waits until it is in the read model. */
    async join(id: string, name: string) {
      const joined = { type: 'Joined', data: { id, name } };
      const { position } = await eventStore.append({
        streams: [{ stream: `member-${id}`, expectedVersion: 'noStream', events: [joined] }],
      });
      await vi.waitFor(async () => expect(await readModels.checkpoint(members)).toBe(position), { timeout: 10_000, interval: 20 });
    },
    stored: () => everythingIn(pools[1], ['events']),
    derived: async () => (await everythingIn(pools[0])) + (await everythingIn(pools[2])),
    async [Symbol.asyncDispose]() {
      vi.unstubAllEnvs();
      await worker.stop();
      await log.stop();
      await Promise.all(pools.map((pool) => pool.end()));
      await rm(root, { recursive: true });
      for (const database of databases) await database[Symbol.asyncDispose]();
    },
  };
}

/** All rows of all tables as text, or of these. */
async function everythingIn(pool: Pool, names?: readonly string[]): Promise<string> {
  const { rows: tables } = await pool.query<{ table: string }>(
    `select format('%I.%I', schemaname, tablename) as table from pg_tables
     where schemaname not in ('pg_catalog', 'information_schema') and ($1::text[] is null or tablename = any ($1)) order by 1`,
    [names ?? null],
  );
  const texts: string[] = [];
  for (const { table } of tables) {
    const { rows } = await pool.query<{ text: string | null }>(
      `select string_agg(t::text, chr(10) order by t::text) as text from ${table} t`,
    );
    texts.push(`${table}\n${rows[0]?.text ?? ''}`);
  }
  return texts.join('\n');
}
