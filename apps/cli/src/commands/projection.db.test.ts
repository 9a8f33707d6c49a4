import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineEvents, defineProjection, type JsonObject } from '@kiroku/core';
import { ProjectionWorker } from '@kiroku/engine';
import { createPool, migrate, PostgresEventStore, PostgresReadModelStore } from '@kiroku/postgres';
import { anySchema, throwAwayDatabase } from '@kiroku/testing';
import { expect, test, vi } from 'vitest';
import { printedBy } from '../printed-by.test-service.ts';

const events = defineEvents({ Moved: { schema: anySchema<JsonObject & { readonly of: string; readonly by: number }>() } });

// the configuration file has the same projection, as an application would import it
const sums = defineProjection({
  name: 'sums',
  version: 1,
  events,
  tables: {
    sum: {
      columns: { of: 'text key', total: 'integer' },
      on: {
        Moved: {
          keys: ({ data }) => ({ of: data.of }),
          fold: (row, { data }) => {
            if (data.by < 0) throw new RangeError(`${data.by} is not understood`);
            return { of: data.of, total: (row?.total ?? 0) + data.by };
          },
        },
      },
    },
  },
});

test('`kiroku projection list` shows how they are; with --check it fails if somebody has to do something', async () => {
  await using given = await installation();
  await given.move(['a', 1]);
  expect(await given.kiroku('projection', 'list', '--check')).toMatchObject({
    code: 0,
    printed: expect.stringMatching(/sums +1 +1 +live/),
  });
  await given.move(['a', -1]);
  expect(await given.kiroku('projection', 'list')).toMatchObject({ code: 0 });
  const checked = await given.kiroku('projection', 'list', '--check', '--json');
  expect(checked.code).toBe(1);
  expect(JSON.parse(checked.printed)).toMatchObject([{ projection: 'sums', state: 'live', parkedKeys: 1, owners: ['worker a:1'] }]);
});

test('`kiroku status` and `kiroku health` show how far projections are; one that stands still is not healthy', async () => {
  await using given = await installation();
  await given.move(['a', 1]);
  expect((await given.kiroku('status')).printed).toMatch(/projection sums@1 +live/);
  expect(await given.kiroku('health')).toMatchObject({ code: 0, printed: expect.stringMatching(/projection sums@1 +live/) });
  await given.stopFollowing();
  expect(await given.kiroku('health')).toMatchObject({ code: 1, printed: expect.stringMatching(/projection sums@1 +orphaned/) });
});

test('`kiroku projection show` has builds, partitions and tables; an unknown name gets the nearest', async () => {
  await using given = await installation();
  await given.move(['a', 1], ['b', 2]);
  const { printed } = await given.kiroku('projection', 'show', 'sums');
  for (const part of ['build 1  ready, active', 'partition 0  at 2', 'worker a:1', 'table sum  2 rows']) expect(printed).toContain(part);
  expect(await given.kiroku('projection', 'show', 'sum')).toMatchObject({
    code: 1,
    printed: expect.stringContaining('Did you mean "sums"?'),
  });
});

test('`kiroku projection pause` and `resume` say what they do, and with --dry-run do not do it', async () => {
  await using given = await installation();
  await given.move(['a', 1]);
  expect((await given.kiroku('projection', 'pause', 'sums', '--dry-run')).printed).toContain('sums version 1 would be paused');
  expect((await given.kiroku('projection', 'resume', 'sums')).printed).toContain('sums version 1 is not paused');
  expect((await given.kiroku('projection', 'pause', 'sums')).printed).toContain('sums version 1 is paused');
  expect((await given.kiroku('projection', 'list')).printed).toContain('paused');
  expect((await given.kiroku('projection', 'resume', 'sums')).printed).toContain('sums version 1 goes on');
});

test('`kiroku projection parked` lists keys, and retries them', async () => {
  await using given = await installation();
  expect((await given.kiroku('projection', 'parked', 'list')).printed).toContain('Nothing is parked.');
  await given.move(['a', -1], ['a', 2]);
  expect((await given.kiroku('projection', 'parked', 'list', 'sums')).printed).toMatch(
    /sum\/a +1 Moved +1 .*RangeError: -1 is not understood/,
  );
  const place = /go on with --after (\S+)$/m.exec((await given.kiroku('projection', 'parked', 'list', '--limit', '1')).printed)?.[1] ?? '';
  expect((await given.kiroku('projection', 'parked', 'list', '--after', place)).printed).toContain('Nothing more is parked.');
  expect((await given.kiroku('projection', 'parked', 'list', '--after', '1')).printed).toContain('no place in the list');
  expect((await given.kiroku('projection', 'parked', 'retry', 'sums')).code).toBe(2);
  expect((await given.kiroku('projection', 'parked', 'retry', 'sums', '--all', '--dry-run')).printed).toContain(
    'would retry  build 1  sum/a',
  );
  expect(await given.kiroku('projection', 'parked', 'retry', 'sums', 'sum/a')).toMatchObject({
    code: 1,
    printed: expect.stringContaining('stays parked: position 1 RangeError'),
  });
});

test('leaving events out needs --yes and --reason', async () => {
  await using given = await installation();
  await given.move(['a', -1], ['a', 2]);
  const skip = ['projection', 'parked', 'skip', 'sums', 'a'];
  expect(await given.kiroku(...skip)).toMatchObject({
    code: 1,
    printed: expect.stringContaining('Nothing was changed. Add --reason and --yes to skip it.'),
  });
  expect((await given.kiroku('projection', 'parked', 'list')).printed).toContain('sum/a');
  expect(await given.kiroku(...skip, '--yes')).toMatchObject({ code: 1, printed: expect.stringContaining('--reason') });
  expect(await given.kiroku('projection', 'parked', 'discard', 'sums', 'b', '--yes')).toMatchObject({ code: 1 });
  const done = await given.kiroku(...skip, '--yes', '--reason', 'ticket 7', '--as', 'bob');
  expect(done).toMatchObject({ code: 0, printed: expect.stringContaining('sum/a (build 1) is parked no more') });
  expect((await given.kiroku('audit', '--json')).printed).toMatch(/"bob"[\s\S]*"ticket 7"/);
});

/** Databases that a process follows, and a configuration with the projection. */
test('`kiroku projection rebuild` makes a build beside the one that is read, and `rollback`, `switch` and `retire` steer them', async () => {
  await using given = await installation();
  await given.move(['a', 1], ['b', 2]);
  const planned = await given.kiroku('projection', 'rebuild', 'sums', '--dry-run', '--json');
  expect(JSON.parse(planned.printed)).toMatchObject({ events: 2, passes: 1, projections: [{ name: 'sums', activeBuild: 1 }] });
  const rebuilt = await given.kiroku('projection', 'rebuild', '--all');
  expect(rebuilt).toMatchObject({ code: 0, printed: expect.stringContaining('✓ sums version 1, build 2: 2 rows folded; it is read now.') });
  const rolled = await given.kiroku('projection', 'rollback', 'sums');
  expect(rolled.printed).toContain('Queries read build 1 of sums version 1 now, no more build 2.');
  expect((await given.kiroku('projection', 'switch', 'sums', '--dry-run')).printed).toContain('Queries would read build 2');
  expect((await given.kiroku('projection', 'switch', 'sums', '--build', '2')).code).toBe(0);
  expect(await given.kiroku('projection', 'retire', 'sums', '--build', '1')).toMatchObject({
    code: 1,
    printed: expect.stringContaining('Add --yes to drop them.'),
  });
  expect((await given.kiroku('projection', 'retire', 'sums', '--build', '1', '--yes', '--dry-run')).printed).toMatch(/would be dropped\n$/);
  expect((await given.kiroku('projection', 'retire', 'sums', '--build', '1', '--yes')).printed).toContain('dropped');
  expect(await given.kiroku('projection', 'retire', 'sums', '--build', '2', '--yes')).toMatchObject({ code: 1 });
  const verbs = (JSON.parse((await given.kiroku('audit', '--json')).printed) as readonly { readonly verb: string }[]).map(
    ({ verb }) => verb,
  );
  expect(verbs).toEqual(['projection retire', 'projection switch', 'projection rollback', 'projection rebuild']);
});

test.each([
  [['rebuild'], /Name the projections/],
  [['rebuild', 'sum'], /Did you mean "sums"/],
  [['rebuild', 'sums', '--from-event-number', '9'], /positions 1 to 1/],
  [['verify', 'summs'], /Did you mean "sums"/],
  [['switch', 'sums', '--build', '7'], /no build 7/],
  [['rollback', 'sums'], /no build of sums version 1 to go back to/],
  [['retire', 'sums', '--version', '3'], /Nothing was ever built of sums version 3/],
])('`kiroku projection %j` says what is wrong', async (args, message) => {
  await using given = await installation();
  await given.move(['a', 1]);
  expect(await given.kiroku('projection', ...args)).toMatchObject({ code: 1, printed: expect.stringMatching(message) });
});

test.each(['verify', 'rebuild'])('`kiroku projection %s` takes all, or names', async (verb) => {
  await using given = await installation();
  const printed = expect.stringContaining('--all and names of projections exclude each other');
  expect(await given.kiroku('projection', verb, '--all', 'sums')).toMatchObject({ code: 2, printed });
});

test('`kiroku projection verify` has exit code 1 if a row is wrong, and with --fix writes it anew', async () => {
  await using given = await installation();
  await given.move(['a', 1], ['b', 2]);
  expect(await given.kiroku('projection', 'verify')).toMatchObject({ code: 0, printed: expect.stringContaining('2 rows at position 2') });
  expect(await given.kiroku('projection', 'verify', '--all')).toMatchObject({ code: 0, printed: expect.stringContaining('2 rows') });
  await given.sql("update sums_v1.sum set total = 9 where of = 'a'");
  const found = await given.kiroku('projection', 'verify', 'sums');
  expect(found).toMatchObject({ code: 1, printed: expect.stringContaining('differing  sum a: total is 9, should be 1') });
  expect(await given.kiroku('projection', 'verify', 'sums', '--fix')).toMatchObject({
    code: 0,
    printed: expect.stringContaining('1 row was written anew before.'),
  });
});

test('`kiroku job resume` of a verification has the exit code that the verification has', async () => {
  await using given = await installation();
  await given.move(['a', 1]);
  const verify = async () => {
    const { id } = JSON.parse((await given.kiroku('projection', 'verify', '--detach', '--json')).printed) as { readonly id: string };
    return given.kiroku('job', 'resume', id);
  };
  expect(await verify()).toMatchObject({ code: 0, printed: expect.stringMatching(/is done\./) });
  await given.sql("update sums_v1.sum set total = 9 where of = 'a'");
  expect(await verify()).toMatchObject({ code: 1, printed: expect.stringContaining('is done, and something is wrong.') });
});

test('`kiroku projection verify` has exit code 1 for a row whose event was left out, and says which', async () => {
  await using given = await installation();
  await given.move(['a', 1], ['a', -2]);
  expect(await given.kiroku('projection', 'verify')).toMatchObject({ code: 0, printed: expect.stringContaining('! sums parked') });
  await given.kiroku('--reason', 'ticket 7', 'projection', 'parked', 'discard', 'sums', 'a', '--yes');
  const { code, printed } = await given.kiroku('projection', 'verify');
  expect(code).toBe(1);
  expect(printed).toContain('unfoldable sum a: this code cannot fold event 2 (Moved): RangeError: -2 is not understood');
  expect(printed).toContain('0 differing, 1 that this code cannot fold.');
});

async function installation() {
  const [log, commands, queries] = await Promise.all([
    throwAwayDatabase('event_store', migrate),
    throwAwayDatabase('command_db', migrate),
    throwAwayDatabase('query_db', migrate),
  ]);
  const root = await mkdtemp(join(tmpdir(), 'kiroku-cli-'));
  const config = join(root, 'kiroku.config.mjs');
  await writeFile(config, configuration);
  vi.stubEnv('EVENT_STORE_DATABASE_URL', log.serviceUrl);
  vi.stubEnv('COMMAND_DATABASE_URL', commands.serviceUrl);
  vi.stubEnv('QUERY_DATABASE_URL', queries.serviceUrl);
  const eventStore = new PostgresEventStore({ url: log.serviceUrl });
  const pool = createPool({ url: queries.serviceUrl, applicationName: 'kiroku-tests', max: 4 });
  const readModels = new PostgresReadModelStore({ pool });
  const worker = new ProjectionWorker({ eventStore, readModels, projections: [sums], instance: 'worker a:1' });
  await worker.start();
  return {
    /** Appends an event each, and waits until they are applied or parked. */
    async move(...moves: readonly (readonly [of: string, by: number])[]) {
      const moved = moves.map(([of, by]) => ({ type: 'Moved', data: { of, by } }));
      const { position } = await eventStore.append({ streams: [{ stream: 'move-1', expectedVersion: 'any', events: moved }] });
      await vi.waitFor(async () => expect(await readModels.checkpoint(sums)).toBe(position), { timeout: 10_000, interval: 20 });
    },
    stopFollowing: () => worker.stop(),
    sql: (text: string) => pool.query(text),
    kiroku: (...args: string[]) => printedBy(['node', 'kiroku', '--config', config, ...args]),
    async [Symbol.asyncDispose]() {
      vi.unstubAllEnvs();
      await worker.stop();
      await Promise.all([eventStore.stop(), pool.end(), rm(root, { recursive: true })]);
      await Promise.all([log, commands, queries].map((database) => database[Symbol.asyncDispose]()));
    },
  };
}

const configuration = `
const sum = {
  columns: { of: 'text key', total: 'integer' },
  key: ['of'],
  indexes: [],
  keys: ({ data }) => [{ of: data.of }],
  fold: (row, { data }) => {
    if (data.by < 0) throw new RangeError(data.by + ' is not understood');
    return { of: data.of, total: (row?.total ?? 0) + data.by };
  },
};
const sums = { kind: 'fold', name: 'sums', version: 1, partitions: 1, tables: { sum }, eventTypes: ['Moved'], upcast: (event) => event };
export default { name: 'test', application: { name: 'test', aggregates: [], projections: [sums], processManagers: [] }, services: [] };
`;
