import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate, PostgresEventStore } from '@kiroku/postgres';
import { throwAwayDatabase } from '@kiroku/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { printedBy } from '../printed-by.test-service.ts';

let given: Awaited<ReturnType<typeof installation>>;
beforeAll(async () => {
  given = await installation();
  await given.move(['a', 1], ['b', 2]);
  await given.move(['a', 3]);
});
afterAll(() => given?.[Symbol.asyncDispose]());
beforeEach(() => given.useDatabases());

describe('`kiroku replay`', () => {
  test('says with --dry-run what it would build, and builds it as a job, in the audit log', async () => {
    expect((await given.kiroku('replay', '--until', '2', '--dry-run')).printed).toContain('would build sums version 1 in at_2_sums_v1');
    expect((await given.kiroku('replay', 'list')).printed).toContain('There are no moments');
    const built = await given.kiroku('replay', '--until', '2', '--as', 'bob');
    expect(built).toMatchObject({ code: 0, printed: expect.stringMatching(/at_2: as of position 2[\s\S]*at_2_sums_v1/) });
    expect((await given.kiroku('replay', 'list')).printed).toMatch(/at_2 +2 .*at_2_sums_v1/);
    expect((await given.kiroku('job', 'list', '--verb', 'replay')).printed).toMatch(/done +2 of 2 events/);
    expect((await given.kiroku('audit', '--verb', 'replay', '--json')).printed).toContain('bob');
  });

  test('says that a moment is there already, and builds it anew with --replace', async () => {
    await given.kiroku('replay', '--until', '1');
    expect(await given.kiroku('replay', '--until', '1')).toMatchObject({ code: 1, printed: expect.stringContaining('--replace') });
    expect(await given.kiroku('replay', 'sums', '--until', '1', '--replace', '--json')).toMatchObject({ code: 0 });
  });

  test.each([
    [['--until', '4'], 1, 'positions 1 to 3'],
    [['--until', '2001-01-01'], 1, 'before the first event'],
    [['--until', '2999-01-01'], 1, 'has not come yet'],
    [['--until', '2026-02-30'], 2, 'a day there is'],
    [['--until', '2026-11-24T10:00:00'], 2, 'with its offset'],
    [['--until', '2', '--into', 'live'], 1, 'queries read now'],
    [['--until', 'soon'], 2, 'how long ago'],
    [[], 2, '--until'],
    [['som', '--until', '2'], 1, 'Did you mean "sums"?'],
  ])('%j is refused with exit code %i, and says what would be right', async (args, code, message) => {
    expect(await given.kiroku('replay', ...args)).toMatchObject({ code, printed: expect.stringContaining(message) });
  });

  test('lists moments, and goes on where the list before ended', async () => {
    await given.kiroku('replay', '--until', '3', '--into', 'same_place');
    await given.kiroku('replay', '--until', '3', '--into', 'same_too');
    const listed = await given.kiroku('replay', 'list', '--json');
    const all: readonly { readonly name: string; readonly position: number }[] = JSON.parse(listed.printed);
    const names: string[] = [];
    for (let place: string | undefined = '0,0'; place !== undefined; ) {
      const { printed }: { readonly printed: string } = await given.kiroku('replay', 'list', '--limit', '1', '--after', place);
      names.push(...all.map(({ name }) => name).filter((name) => printed.includes(`${name} `)));
      place = /There may be more: go on with --after (\S+)/.exec(printed)?.[1];
    }
    expect(names).toEqual(all.map(({ name }) => name));
    expect(await given.kiroku('replay', 'list', '--after', '9,z')).toMatchObject({ code: 0, printed: 'There are no more moments.\n' });
    expect(await given.kiroku('replay', 'list', '--after', 'z')).toMatchObject({ code: 1, printed: expect.stringContaining('no place') });
  });

  test('compares two moments; --json has every difference, a line each', async () => {
    await given.kiroku('replay', '--until', '2', '--into', 'early');
    await given.kiroku('replay', '--until', '3', '--into', 'late');
    expect((await given.kiroku('replay', 'diff', 'early', 'late')).printed).toMatch(
      /~ sums\.sum a {2}total 1 → 4[\s\S]*sums\.sum +0 +0 +1/,
    );
    expect((await given.kiroku('replay', 'diff', 'late', 'late')).printed).toContain('No row differs.');
    const [line = ''] = (await given.kiroku('replay', 'diff', 'early', 'late', '--json')).printed.split('\n');
    expect(JSON.parse(line)).toEqual({
      projection: 'sums',
      table: 'sum',
      kind: 'changed',
      key: { of: 'a' },
      fields: { total: { before: 1, after: 4 } },
    });
  });

  test('drops a moment only with --yes, and records it', async () => {
    await given.kiroku('replay', '--until', '2', '--into', 'old');
    expect(await given.kiroku('replay', 'drop', 'old')).toMatchObject({ code: 1, printed: expect.stringContaining('Add --yes') });
    expect(await given.kiroku('replay', 'drop', 'old', '--yes')).toMatchObject({ code: 0, printed: 'dropped old_sums_v1\n' });
    expect(await given.kiroku('replay', 'drop', 'old', '--yes')).toMatchObject({
      code: 1,
      printed: expect.stringContaining('replay list'),
    });
    expect((await given.kiroku('audit', '--verb', 'replay drop', '--json')).printed).toContain('old_sums_v1');
  });
});

describe('`kiroku events state`', () => {
  test('shows the state of a stream, now or as of a version, a position or a time', async () => {
    const state = async (...args: string[]) => JSON.parse((await given.kiroku('events', 'state', 'move-1', ...args)).printed);
    const last = await state();
    expect(last).toMatchObject({ stream: 'move-1', version: 3, position: 3, state: { moved: 6 } });
    expect(await state('--at-version', '2')).toMatchObject({ version: 2, state: { moved: 3 } });
    expect(await state('--at', '1')).toMatchObject({ version: 1, state: { moved: 1 } });
    expect(await state('--at', last.recordedAt)).toEqual(last);
  });

  test.each([
    [['move-1', '--at-version', '4'], 1, 'versions 1 to 3'],
    [['move-2'], 1, 'no stream move-2'],
    [['other-1'], 1, 'There are: move'],
    [['move-1', '--at', '9'], 1, 'positions 1 to 3'],
    [['move-1', '--at', '1', '--at-version', '1'], 2, 'cannot be used with'],
  ])('%j is refused with exit code %i, and says why', async (args, code, message) => {
    expect(await given.kiroku('events', 'state', ...args)).toMatchObject({ code, printed: expect.stringContaining(message) });
  });
});

test('`kiroku events tail` and `export` end with what was recorded by a time', async () => {
  const [first = ''] = (await given.kiroku('events', 'tail', '--json')).printed.split('\n');
  const until = JSON.parse(first).recordedAt;
  expect((await given.kiroku('events', 'tail', '--until', until, '--json')).printed.match(/"position"/g)).toHaveLength(2);
  const exported = await given.kiroku('events', 'export', '--until', until);
  expect(exported.printed).toContain('2 events of positions 1 to 2');
  expect(await given.kiroku('events', 'tail', '--follow', '--until', '2')).toMatchObject({ code: 2 });
});

/** Databases, and a configuration with a projection and an aggregate. */
async function installation() {
  const [log, commands, queries] = await Promise.all([
    throwAwayDatabase('event_store', migrate),
    throwAwayDatabase('command_db', migrate),
    throwAwayDatabase('query_db', migrate),
  ]);
  const root = await mkdtemp(join(tmpdir(), 'kiroku-cli-'));
  const config = join(root, 'kiroku.config.mjs');
  await writeFile(config, configuration);
  const eventStore = new PostgresEventStore({ url: log.serviceUrl });
  return {
    useDatabases() {
      vi.stubEnv('EVENT_STORE_DATABASE_URL', log.serviceUrl);
      vi.stubEnv('COMMAND_DATABASE_URL', commands.serviceUrl);
      vi.stubEnv('QUERY_DATABASE_URL', queries.serviceUrl);
    },
    /** Appends an event each, recorded at one time. */
    async move(...moves: readonly (readonly [of: string, by: number])[]) {
      const moved = moves.map(([of, by]) => ({ type: 'Moved', data: { of, by } }));
      await eventStore.append({ streams: [{ stream: 'move-1', expectedVersion: 'any', events: moved }] });
    },
    kiroku: (...args: string[]) => printedBy(['node', 'kiroku', '--config', config, ...args]),
    async [Symbol.asyncDispose]() {
      vi.unstubAllEnvs();
      await Promise.all([eventStore.stop(), rm(root, { recursive: true })]);
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
  fold: (row, { data }) => ({ of: data.of, total: (row?.total ?? 0) + data.by }),
};
const sums = { kind: 'fold', name: 'sums', version: 1, partitions: 1, tables: { sum }, eventTypes: ['Moved'], upcast: (event) => event };
const move = {
  name: 'move',
  events: {},
  commands: {},
  initialState: { moved: 0 },
  evolve: ({ moved }, { data }) => ({ moved: moved + data.by }),
  decide: () => [],
};
export default { name: 'test', application: { name: 'test', aggregates: [move], projections: [sums], processManagers: [] }, services: [] };
`;
