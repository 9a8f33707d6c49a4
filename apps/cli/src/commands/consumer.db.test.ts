import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPool, migrate, PostgresConsumerStore, PostgresEventStore } from '@kiroku/postgres';
import { throwAwayDatabase } from '@kiroku/testing';
import { expect, test, vi } from 'vitest';
import { printedBy } from '../printed-by.test-service.ts';

test('a consumer is added with a secret that is shown once, listed, shown and removed', async () => {
  await using given = await installation();
  const added = await given.kiroku(
    'add',
    'crm',
    'https://crm.example/hooks',
    '--type',
    'Moved',
    '--from',
    'beginning',
    '--max-age-hours',
    '2',
  );
  expect(added).toMatchObject({ code: 0, printed: expect.stringMatching(/crm gets what follows position 0 .*\nIts secret is whsec_/) });
  const secret = /whsec_(\S+)/.exec(added.printed)?.[1] ?? 'none';
  expect((await given.kiroku('list')).printed).toMatch(/crm +orphaned +0 +3 events, .* Moved +https:\/\/crm\.example\/hooks/);
  expect(await given.kiroku('list', '--check')).toMatchObject({ code: 1 });
  const shown = await given.kiroku('show', 'crm', '--json');
  expect(JSON.parse(shown.printed)).toMatchObject({ consumer: { name: 'crm', terms: { maxAgeSeconds: 7_200 } }, head: 3 });
  expect(await given.kiroku('remove', 'crm')).toMatchObject({ code: 1, printed: expect.stringContaining('Add --yes to remove it.') });
  expect(await given.kiroku('remove', 'crm', '--yes')).toMatchObject({ code: 0, printed: expect.stringContaining('crm is removed') });
  expect(await given.kiroku('show', 'crm')).toMatchObject({ code: 1, printed: expect.stringContaining('There is no consumer "crm"') });
  const audit = (await given.kirokuItself('audit', '--json')).printed;
  expect(audit).toContain('consumer add');
  expect(shown.printed + audit).not.toContain(secret);
});

test('with --dry-run it is said what would be registered, and what would be wrong with it', async () => {
  await using given = await installation();
  const add = (name: string, ...more: string[]) => given.kiroku('add', name, 'https://crm.example/hooks', ...more);
  const planned = await add('crm', '--type', 'Moved', '--from', '1', '--dry-run');
  expect(planned).toMatchObject({
    code: 0,
    printed: expect.stringMatching(/would get what follows position 1, 2 positions so far[\s\S]*Moved/),
  });
  expect(planned.printed).not.toContain('whsec_');
  expect(await given.store.consumers()).toEqual([]);
  expect(await add('crm', '--type', 'Moved?', '--dry-run')).toMatchObject({
    code: 1,
    printed: expect.stringContaining('Did you mean "Moved"?'),
  });
  await add('crm');
  expect(await add('crm', '--dry-run')).toMatchObject({ code: 1, printed: expect.stringContaining('There is a consumer crm already') });
});

test('it is paused for a reason, resumed, rewound with --yes, and given another secret', async () => {
  await using given = await installation();
  await given.kiroku('add', 'crm', 'https://crm.example/hooks', '--json');
  await given.kirokuItself('--reason', 'maintenance', 'consumer', 'pause', 'crm');
  expect((await given.kiroku('list')).printed).toMatch(/crm +paused [\s\S]*paused since .*: maintenance/);
  expect((await given.kiroku('resume', 'crm')).printed).toContain('crm goes on after position 3.');
  expect(await given.kiroku('rewind', 'crm', '--to', '1')).toMatchObject({
    code: 1,
    printed: expect.stringMatching(/would get again what follows position 1[\s\S]*Add --yes to do it/),
  });
  expect(await given.store.consumer('crm')).toMatchObject({ position: 3 });
  expect(await given.kiroku('rewind', 'crm', '--to', '1', '--yes')).toMatchObject({ code: 0 });
  expect(await given.store.consumer('crm')).toMatchObject({ position: 1 });
  expect(await given.kiroku('rewind', 'crm', '--to', '2', '--yes')).toMatchObject({
    code: 1,
    printed: expect.stringContaining('from 0 to 1'),
  });
  expect((await given.kiroku('rotate-secret', 'crm')).printed).toMatch(/is whsec_.*\n.*is used too until/);
});

test('dead letters are listed, retried, and discarded with --reason and --yes', async () => {
  await using given = await installation();
  await given.kiroku('add', 'crm', 'https://crm.example/hooks', '--from', 'beginning');
  await given.letterAt(1);
  await given.letterAt(2);
  expect((await given.kiroku('dead', 'list')).printed).toMatch(/crm +1 +Moved +move-1 .* It answered 400\./);
  const place = /go on with --after (\S+)$/m.exec((await given.kiroku('dead', 'list', '--limit', '1')).printed)?.[1] ?? '';
  expect(JSON.parse((await given.kiroku('dead', 'list', '--after', place, '--json')).printed)).toMatchObject([{ position: 2 }]);
  expect(await given.kiroku('dead', 'retry', 'crm')).toMatchObject({ code: 2 });
  expect((await given.kiroku('dead', 'retry', 'crm', '1')).printed).toContain('is tried again  1  Moved of move-1');
  expect(await given.kiroku('dead', 'discard', 'crm', '2')).toMatchObject({
    code: 1,
    printed: expect.stringMatching(/would discard {2}2[\s\S]*Add --reason and --yes to discard them/),
  });
  expect(await given.kiroku('dead', 'discard', 'crm', '2', '--dry-run')).toMatchObject({ code: 0 });
  expect((await given.kiroku('dead', 'discard', 'crm', '2', '--yes')).printed).toContain('needs a --reason');
  const discarded = await given.kirokuItself('--reason', 'a test order', 'consumer', 'dead', 'discard', 'crm', '--all', '--yes', '--json');
  expect(JSON.parse(discarded.printed)).toMatchObject([{ position: 2 }]);
  expect((await given.kiroku('dead', 'list', 'crm')).printed).toContain('There are no dead letters.');
});

test.each([[], ['--dry-run'], ['--yes']])('what is no dead letter cannot be discarded, whatever else is said (%s)', async (...flags) => {
  await using given = await installation();
  await given.kiroku('add', 'crm', 'https://crm.example/hooks', '--from', 'beginning');
  const discarded = await given.kirokuItself('--reason', 'a test order', 'consumer', 'dead', 'discard', 'crm', '3', ...flags);
  expect(discarded).toMatchObject({ code: 1, printed: expect.stringContaining('crm has no dead letter at 3') });
});

/** A log with three events, and a store of consumers. */
async function installation() {
  const [log, commands] = await Promise.all([throwAwayDatabase('event_store', migrate), throwAwayDatabase('command_db', migrate)]);
  const root = await mkdtemp(join(tmpdir(), 'kiroku-cli-'));
  const config = join(root, 'kiroku.config.mjs');
  await writeFile(config, configuration);
  vi.stubEnv('EVENT_STORE_DATABASE_URL', log.serviceUrl);
  vi.stubEnv('COMMAND_DATABASE_URL', commands.serviceUrl);
  vi.stubEnv('QUERY_DATABASE_URL', commands.serviceUrl);
  vi.stubEnv('KIROKU_KEY_DIR', join(root, 'keys'));
  const eventStore = new PostgresEventStore({ url: log.serviceUrl });
  const moved = [1, 2, 3].map((by) => ({ type: 'Moved', data: { by } }));
  await eventStore.append({ streams: [{ stream: 'move-1', expectedVersion: 'any', events: moved }] });
  const pool = createPool({ url: commands.serviceUrl, applicationName: 'kiroku-tests', max: 2 });
  const store = new PostgresConsumerStore({ pool });
  const kirokuItself = (...args: string[]) => printedBy(['node', 'kiroku', '--config', config, ...args]);
  return {
    store,
    kirokuItself,
    kiroku: (...args: string[]) => kirokuItself('consumer', ...args),
    /** Makes the event at a position a dead letter of a stream of its own. */
    async letterAt(position: number) {
      const [lease] = await store.attend({ instance: 'test', leaseMs: 60_000 });
      if (lease === undefined) throw new Error('A lone process gets every consumer.');
      const letter = { position, stream: `move-${position}`, eventId: crypto.randomUUID(), eventType: 'Moved' };
      await store.advance({ lease, position, kept: [{ ...letter, failure: { error: 'It answered 400.', retry: 'dead' } }] });
    },
    async [Symbol.asyncDispose]() {
      vi.unstubAllEnvs();
      await Promise.all([eventStore.stop(), pool.end(), rm(root, { recursive: true })]);
      await Promise.all([log, commands].map((database) => database[Symbol.asyncDispose]()));
    },
  };
}

const configuration = `
const move = { name: 'move', events: { Moved: {} }, commands: {}, initialState: {} };
export default { name: 'test', application: { name: 'test', aggregates: [move], projections: [], processManagers: [] }, services: [] };
`;
