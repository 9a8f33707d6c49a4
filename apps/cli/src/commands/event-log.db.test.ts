import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineEvents, type JsonObject } from '@kiroku/core';
import { encryptedEventStore } from '@kiroku/engine';
import { migrate, PostgresEventStore } from '@kiroku/postgres';
import { FileKeyStore } from '@kiroku/service/keys';
import { anySchema, throwAwayDatabase } from '@kiroku/testing';
import { expect, test, vi } from 'vitest';
import { printedBy } from '../printed-by.test-service.ts';

const events = defineEvents({
  Joined: { schema: anySchema<JsonObject>(), personal: { subject: () => 'ada', fields: ['name'] } },
});

test.each([
  ['events', 'show', '1'],
  ['events', 'show', '--causes', '1', '--json'],
  ['events', 'tail'],
  ['events', 'tail', '--json'],
])('`kiroku %s %s %s` shows what is stored', async (...command) => {
  await using given = await installation();
  expect(await given.kiroku(...command)).toMatch(/Joined/);
  expect(await given.kiroku(...command)).not.toMatch(/Lovelace/);
});

test('`kiroku events tail` for what is neither declared nor in the log says what was probably meant', async () => {
  await using given = await installation();
  expect(await given.kiroku('events', 'tail', '--category', 'membr')).toContain('has no category "membr". Did you mean "member"?');
  expect(await given.kiroku('events', 'tail', '--type', 'Joind')).toContain('has no event type "Joind".');
  expect(await given.kiroku('events', 'tail', '--type', 'Joined')).toMatch(/^ *1 .*Joined.*\n$/); // this code declares it no more
});

test('`kiroku events state` folds personal data as if it were forgotten, and decrypts it with --reveal', async () => {
  await using given = await installation();
  expect(await given.kiroku('events', 'state', 'member-1')).toContain('"name": "(forgotten)"');
  expect(await given.kiroku('events', 'state', 'member-1', '--reveal')).toContain('"name": "Lovelace"');
  expect(await given.kiroku('audit', '--json')).toContain('events state');
});

test('with --reveal it shows personal data, and the audit log has who looked and why', async () => {
  await using given = await installation();
  for (const command of [
    ['events', 'show', '1'],
    ['events', 'show', '--causes', '1', '--json'],
    ['events', 'tail'],
  ]) {
    expect(await given.kiroku(...command, '--reveal', '--as', 'bob', '--reason', 'complaint 7')).toMatch(/Lovelace/);
  }
  const audit = await given.kiroku('audit', '--json');
  for (const entry of ['bob', 'complaint 7', 'events show', 'events tail', '"reveal": true']) expect(audit).toContain(entry);
});

test('what cannot be audited is not shown', async () => {
  await using given = await installation();
  vi.stubEnv('COMMAND_DATABASE_URL', 'postgres://127.0.0.1:1/command_db');
  expect(await given.kiroku('events', 'show', '1', '--reveal')).toMatch(/audit log in command_db cannot be written/);
});

/** A log with one event, its key in the directory that the environment names. */
async function installation() {
  const [log, commands] = await Promise.all([throwAwayDatabase('event_store', migrate), throwAwayDatabase('command_db', migrate)]);
  const root = await mkdtemp(join(tmpdir(), 'kiroku-cli-'));
  const config = join(root, 'kiroku.config.mjs');
  await writeFile(
    config,
    `const member = { name: 'member', events: {}, initialState: {}, evolve: (state, { data }) => ({ ...state, ...data }) };
     export default { name: 'test', application: { name: 'test', aggregates: [member] }, services: [] };`,
  );
  vi.stubEnv('EVENT_STORE_DATABASE_URL', log.serviceUrl);
  vi.stubEnv('COMMAND_DATABASE_URL', commands.serviceUrl);
  vi.stubEnv('QUERY_DATABASE_URL', commands.serviceUrl);
  vi.stubEnv('KIROKU_KEY_DIR', 'safe');
  const stored = new PostgresEventStore({ url: log.serviceUrl });
  const store = encryptedEventStore(stored, { aggregates: [{ events }], keys: new FileKeyStore({ directory: join(root, 'safe') }) });
  const metadata = { correlationId: 'morning-round' };
  const joined = { type: 'Joined', data: { name: 'Lovelace' }, metadata };
  await store.append({ streams: [{ stream: 'member-1', expectedVersion: 'any', events: [joined] }] });
  await stored.stop();
  return {
    /** All that the command line prints. */
    kiroku: async (...args: string[]) => (await printedBy(['node', 'kiroku', '--config', config, ...args])).printed,
    async [Symbol.asyncDispose]() {
      vi.unstubAllEnvs();
      await rm(root, { recursive: true });
      await Promise.all([log[Symbol.asyncDispose](), commands[Symbol.asyncDispose]()]);
    },
  };
}
