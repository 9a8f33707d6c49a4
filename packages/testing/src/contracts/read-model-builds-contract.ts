import type { KeptProgress, LogIdentity, Projection, ReadModel, ReadModelBuilds, ReadModelStore, Row } from '@kiroku/core';
import { describe, expect, test } from 'vitest';
import { listener } from './read-model-samples.ts';
import { ledger } from './sample-projection.ts';

/** Builds under test, and the store that follows them. */
export interface ReadModelBuildsUnderTest extends AsyncDisposable {
  readonly builds: ReadModelBuilds;
  readonly store: ReadModelStore;
}

type Make = () => Promise<ReadModelBuildsUnderTest>;

const log: LogIdentity = { id: '0199f0a0-0000-7000-8000-000000000001', timeline: 1 };
const job = '0199f0a0-0000-7000-8000-00000000000a';
const awkward = 'tab\t newline\n return\r backslash\\ \\N \\. quotes "\' 日本 🎌';
const ann: Row = {
  id: 'ann',
  balance: 9_007_199_254_740_991,
  blocked: true,
  opened_at: '2026-11-24T10:00:00.123456Z',
  opened_on: '2026-11-24',
  last_note: awkward,
  entries: { nested: [1, null, awkward], empty: {} },
};
const bob: Row = { ...ann, id: 'bob', balance: -1, blocked: false, last_note: null, entries: [] };
const cid: Row = { ...bob, id: awkward };
const day = (account: string): Row => ({ day: '2026-11-24', account, entries: 1 });

/** Registers the tests of what the port promises. */
export function readModelBuildsContract(name: string, make: Make): void {
  describe(`${name} as read model builds`, () => {
    making(make);
    switching(make);
    retiring(make);
    looking(make);
  });
}

function making(make: Make): void {
  test('a build is numbered after those there were, and only one of a version is made at a time', async () => {
    await using subject = await active(make);
    const { builds } = subject;
    expect(await builds.create(ledger, { log, job })).toMatchObject({ build: 2 });
    await expect(builds.create(ledger, { log, job })).rejects.toMatchObject({ code: 'RebuildUnderWay', details: { job } });
    expect((await builds.create({ ...ledger, version: 2 }, { log, job })).build).toBe(1);
    expect(await statusOf(subject)).toMatchObject({ activeBuild: 1, builds: [{}, { build: 2, state: 'building', job }] });
  });

  test('rows are read as they were loaded, also those of several tables and loads', async () => {
    await using subject = await active(make);
    const model = await subject.builds.create(ledger, { log, job });
    await subject.builds.load(model, { account: pages([ann]), day: pages([day('ann')]) }, kept('half'));
    await subject.builds.load(model, { account: pages([bob, cid]) }, kept('whole'));
    expect(await rowsOf(subject, model, 'account')).toEqual([ann, bob, cid]);
    expect(await rowsOf(subject, model, 'day')).toEqual([day('ann')]);
    expect(await all(subject.builds.readProgress(model))).toEqual(['whole']);
  });

  test('what cannot be read to its end is not loaded at all, and what was kept before stays', async () => {
    await using subject = await active(make);
    const model = await subject.builds.create(ledger, { log, job });
    await subject.builds.saveProgress(model, kept('before'));
    const torn = [
      () => subject.builds.load(model, { account: pages([ann]), day: failing([day('ann')]) }, kept('after')),
      () => subject.builds.load(model, { account: pages([ann]) }, { lines: failing('after') }),
    ];
    for (const load of torn) await expect(load()).rejects.toThrow('torn');
    expect(await rowsOf(subject, model, 'account')).toEqual([]);
    expect(await all(subject.builds.readProgress(model))).toEqual(['before']);
    await subject.builds.load(model, { account: pages([ann]) }, kept('after'));
    expect(await rowsOf(subject, model, 'account')).toEqual([ann]);
  });

  test('what is kept of a fold is read again, the last of it, and folds side by side keep theirs apart', async () => {
    await using subject = await active(make);
    const model = await subject.builds.create(ledger, { log, job });
    expect(await all(subject.builds.readProgress(model))).toEqual([]);
    await subject.builds.saveProgress(model, kept('old', 'older'));
    const lines = Array.from({ length: 50 }, (_, n) => `${n} ${awkward}`);
    await subject.builds.saveProgress(model, kept(...lines));
    await subject.builds.saveProgress(model, { ...kept('other'), name: '2 of 2' });
    expect(await all(subject.builds.readProgress(model))).toEqual(lines);
    expect(await all(subject.builds.readProgress(model, '2 of 2'))).toEqual(['other']);
  });

  test('a finished build is followed from its position, with its parked keys; finishing it again changes nothing', async () => {
    await using subject = await active(make, { ...ledger, partitions: 2 });
    const model = await subject.builds.create({ ...ledger, partitions: 2 }, { log, job });
    const fault = { code: 'RangeError', message: 'no', stack: 'at fold' };
    const parked = [
      { table: 'account', keyText: 'ann', key: { id: 'ann' }, position: 3, eventType: 'Deposited', fault },
      { table: 'account', keyText: 'ann', key: { id: 'ann' }, position: 5, eventType: 'Deposited' },
    ];
    await subject.builds.finish(model, { position: 7, parked });
    await subject.builds.finish(model, { position: 9, parked });
    const [, made] = (await statusOf(subject))?.builds ?? [];
    expect(made).toMatchObject({ state: 'ready', active: false, parkedKeys: 1, log, partitions: [{ position: 7 }, { position: 7 }] });
    expect(await subject.builds.parkedKeys({ limit: 10 })).toMatchObject([{ build: 2, keyText: 'ann', position: 3, fault, events: 2 }]);
    const attendance = { instance: 'i', projections: [{ ...ledger, partitions: 2 }], leaseMs: 10_000 };
    expect((await subject.store.attend(attendance)).map(({ build, position }) => [build, position])).toEqual(
      expect.arrayContaining([
        [2, 7],
        [2, 7],
      ]),
    );
    await expect(subject.builds.load(model, { account: pages([ann]) }, kept('late'))).rejects.toMatchObject({ code: 'NotFound' });
  });

  test('a build is finished once its rows are checked, and stays as it was if the check fails', async () => {
    await using subject = await active(make);
    const { builds } = subject;
    const model = await builds.create(ledger, { log, job });
    await builds.load(model, { account: pages([bob]) }, kept('all'));
    const refused = builds.finish(model, { position: 7, parked: [], check: () => Promise.reject(new Error('not what was folded')) });
    await expect(refused).rejects.toThrow('not what was folded');
    expect((await statusOf(subject))?.builds[1]).toMatchObject({ state: 'building' });
    expect(await all(builds.readProgress(model))).toEqual(['all']);
    let checked: readonly Row[] = [];
    const check = async () => {
      checked = await rowsOf(subject, model, 'account');
    };
    await builds.finish(model, { position: 7, parked: [], check });
    expect(checked).toEqual([bob]);
    expect((await statusOf(subject))?.builds[1]).toMatchObject({ state: 'ready' });
    await builds.finish(model, { position: 7, parked: [], check: () => Promise.reject(new Error('complete builds are followed')) });
  });

  test('a build that a later run of its job has taken over is not written by an earlier one', async () => {
    await using subject = await active(make);
    const { builds } = subject;
    const earlier = await builds.create(ledger, { log, job, epoch: 3 });
    const later = { ...earlier, epoch: 4 };
    expect(await builds.takeOver(later)).toBe('building');
    const writes = [
      () => builds.load(earlier, { account: pages([ann]) }, kept('old')),
      () => builds.saveProgress(earlier, kept('old')),
      () => builds.carryOver(earlier, { projection: ledger, build: 1 }, async () => ({})),
      () => builds.finish(earlier, { position: 1, parked: [] }),
      () => builds.takeOver(earlier),
    ];
    for (const write of writes) await expect(write()).rejects.toMatchObject({ code: 'JobLost' });
    await builds.load(later, { account: pages([bob]) }, kept('new'));
    await builds.finish(later, { position: 1, parked: [] });
    expect(await rowsOf(subject, later, 'account')).toEqual([bob]);
    expect(await builds.takeOver({ ...later, epoch: 5 })).toBe('ready');
  });

  test('rows are carried over but for the keys that are excepted, as of the checkpoints that are told', async () => {
    await using subject = await active(make);
    await write(subject, 4, { account: [ann, bob, cid], day: [day('ann'), day('bob')] });
    const model = await subject.builds.create(ledger, { log, job });
    const except = { account: new Set([awkward]), day: new Set([JSON.stringify(['2026-11-24', 'ann'])]) };
    const checkpoints = await subject.builds.carryOver(model, { projection: ledger, build: 1 }, async (at) => {
      await write(subject, 5, { account: [{ ...bob, balance: 5 }] }, 4);
      expect(at).toMatchObject([{ position: 4 }]);
      return except;
    });
    expect(checkpoints).toMatchObject([{ position: 4 }]);
    expect(await rowsOf(subject, model, 'account')).toEqual([ann, bob]);
    expect(await rowsOf(subject, model, 'day')).toEqual([day('bob')]);
  });
}

function switching(make: Make): void {
  test('a build is read from the switch on, and the one before is remembered', async () => {
    await using subject = await rebuilt(make);
    await subject.builds.switchTo(subject.model);
    expect(await statusOf(subject)).toMatchObject({ activeBuild: 2, previousBuild: 1 });
    await subject.builds.switchTo({ projection: ledger, build: 1 });
    expect(await statusOf(subject)).toMatchObject({ activeBuild: 1, previousBuild: 2 });
  });

  test('who listens is told of a switch, and not of one that changes nothing', async () => {
    await using subject = await rebuilt(make);
    await using listening = await listener(subject.store);
    const { told } = listening;
    for (const build of [2, 2, 1]) await subject.builds.switchTo({ projection: ledger, build });
    await expect.poll(() => told.length).toBeGreaterThanOrEqual(2);
    expect(told).toMatchObject([
      { projection: ledger.name, build: 2, isRead: true, changed: undefined },
      { projection: ledger.name, build: 1, isRead: true, changed: undefined },
    ]);
  });

  test('a build is not switched to in place of a later one, if it is only to go forward', async () => {
    await using subject = await rebuilt(make);
    await subject.builds.switchTo(subject.model, { forward: true });
    const back = subject.builds.switchTo({ projection: ledger, build: 1 }, { forward: true });
    await expect(back).rejects.toMatchObject({ code: 'BuildOutdated', details: { build: 1, active: 2 } });
    expect(await statusOf(subject)).toMatchObject({ activeBuild: 2 });
  });

  test('a build that is not complete, and one that is behind, is not switched to', async () => {
    await using subject = await active(make);
    await write(subject, 4, { account: [ann] });
    const model = await subject.builds.create(ledger, { log, job });
    await expect(subject.builds.switchTo(model)).rejects.toMatchObject({ code: 'BuildNotReady' });
    await subject.builds.finish(model, { position: 3, parked: [] });
    await expect(subject.builds.switchTo(model)).rejects.toMatchObject({ code: 'NotCaughtUp', details: { behind: 3, ahead: 4 } });
    expect(await statusOf(subject)).toMatchObject({ activeBuild: 1 });
  });

  test('a build from another log than the one that is read may be switched to, wherever it is', async () => {
    await using subject = await active(make);
    await write(subject, 4, { account: [ann] });
    const model = await subject.builds.create(ledger, { log: { ...log, timeline: 2 }, job });
    await subject.builds.finish(model, { position: 1, parked: [] });
    await subject.builds.switchTo(model);
    expect(await statusOf(subject)).toMatchObject({ activeBuild: 2 });
  });

  test('a build with parked keys that the active one has not is switched to only by force', async () => {
    await using subject = await active(make);
    const model = await subject.builds.create(ledger, { log, job });
    const fault = { code: 'RangeError', message: 'no' };
    await subject.builds.finish(model, {
      position: 0,
      parked: [{ table: 'account', keyText: 'ann', position: 3, eventType: 'Deposited', fault }],
    });
    await expect(subject.builds.switchTo(model)).rejects.toMatchObject({ code: 'ParkedKeys' });
    await subject.builds.switchTo(model, { force: true });
    expect(await statusOf(subject)).toMatchObject({ activeBuild: 2 });
  });

  test('a version that is paused is followed by nobody', async () => {
    await using subject = await active(make);
    const attendance = { instance: 'i', projections: [ledger], leaseMs: 10_000 };
    await subject.builds.setPaused(ledger, true);
    expect(await subject.store.attend(attendance)).toEqual([]);
    expect((await statusOf(subject))?.pausedAt).toBeDefined();
    await subject.builds.setPaused(ledger, false);
    expect(await subject.store.attend(attendance)).toHaveLength(1);
    await expect(subject.builds.setPaused({ name: 'nothing', version: 1 }, true)).rejects.toMatchObject({ code: 'NotFound' });
  });
}

function retiring(make: Make): void {
  test('a build that is not read can be retired, the active one of the newest version cannot', async () => {
    await using subject = await rebuilt(make);
    await expect(subject.builds.retire({ projection: ledger, build: 1 })).rejects.toMatchObject({ code: 'BuildInUse' });
    await subject.builds.retire(subject.model);
    await subject.builds.retire(subject.model);
    expect(await statusOf(subject)).toMatchObject({ builds: [{ state: 'ready' }, { state: 'retired', partitions: [] }] });
    await expect(subject.builds.retire({ projection: ledger, build: 9 })).rejects.toMatchObject({ code: 'NotFound' });
  });

  test('the active build of an older version is retired once no instance declares it', async () => {
    await using subject = await active(make);
    await subject.store.prepare({ ...ledger, version: 2 }, log);
    await subject.store.attend({ instance: 'old', projections: [ledger], leaseMs: 60_000 });
    await expect(subject.builds.retire({ projection: ledger, build: 1 })).rejects.toMatchObject({ code: 'BuildInUse' });
    await subject.store.leave('old');
    await subject.builds.retire({ projection: ledger, build: 1 });
    expect((await statusOf(subject))?.activeBuild).toBeUndefined();
  });

  test('so is that of the newest, for code that goes on with an older one', async () => {
    await using subject = await active(make);
    await subject.store.attend({ instance: 'new', projections: [ledger], leaseMs: 60_000 });
    const retire = () => subject.builds.retire({ projection: ledger, build: 1 }, { evenNewest: true });
    await expect(retire()).rejects.toMatchObject({ code: 'BuildInUse' });
    await subject.store.leave('new');
    await retire();
    expect((await statusOf(subject))?.activeBuild).toBeUndefined();
  });
}

function looking(make: Make): void {
  test('rows and checkpoints are read as of one moment', async () => {
    await using subject = await active(make);
    await write(subject, 4, { account: [ann] });
    const read = await subject.builds.readRows({ projection: ledger, build: 1 }, async (snapshot) => {
      await write(subject, 5, { account: [bob] }, 4);
      const rows: Row[] = [];
      for await (const page of snapshot.rows('account')) rows.push(...page);
      return { rows, positions: snapshot.checkpoints.map(({ position }) => position) };
    });
    expect(read).toEqual({ rows: [ann], positions: [4] });
  });

  test('what verifications go on from is kept until the build is retired', async () => {
    await using subject = await rebuilt(make);
    for (const lines of [['old'], ['new', awkward]]) await subject.builds.keepVerified(subject.model, linesOf(lines));
    expect(await all(subject.builds.readVerified(subject.model))).toEqual(['new', awkward]);
    expect(await all(subject.builds.readVerified({ projection: ledger, build: 1 }))).toEqual([]);
    await subject.builds.retire(subject.model);
    expect(await all(subject.builds.readVerified(subject.model))).toEqual([]);
  });

  test('a repair changes exactly its rows at the checkpoint that it is told, and none if it fails', async () => {
    await using subject = await active(make);
    await write(subject, 4, { account: [ann, bob] });
    const model = { projection: ledger, build: 1 };
    await using listening = await listener(subject.store);
    const changed = await subject.builds.repair(model, 0, async (checkpoint) => {
      expect(checkpoint).toBe(4);
      return [{ table: 'account', upserts: [{ ...ann, balance: 1 }], deletes: [{ id: 'bob' }] }];
    });
    expect(changed).toBe(2);
    await expect.poll(() => listening.told).toMatchObject([{ build: 1, partition: 0, position: 4, changed: { account: ['ann', 'bob'] } }]);
    expect(await rowsOf(subject, model, 'account')).toEqual([{ ...ann, balance: 1 }]);
    await expect(subject.builds.repair(model, 0, () => Promise.reject(new Error('torn')))).rejects.toThrow('torn');
    expect(await subject.store.checkpoint(ledger)).toBe(4);
  });
}

/** A ledger with its first build, which is read. */
async function active(make: Make, projection: Projection = ledger): Promise<ReadModelBuildsUnderTest> {
  const subject = await make();
  await subject.store.prepare(projection, log);
  return subject;
}

/** A ledger with a second build, complete and beside the first. */
async function rebuilt(make: Make): Promise<ReadModelBuildsUnderTest & { readonly model: ReadModel }> {
  const subject = await active(make);
  const model = await subject.builds.create(ledger, { log, job });
  await subject.builds.finish(model, { position: 0, parked: [] });
  return Object.assign(subject, { model });
}

/** Writes rows of the first build, as its follower does. */
async function write(
  subject: ReadModelBuildsUnderTest,
  position: number,
  tables: { readonly [table: string]: readonly Row[] },
  after = 0,
): Promise<void> {
  const leases = await subject.store.attend({ instance: 'writer', projections: [ledger], leaseMs: 60_000 });
  const lease = leases.find(({ build }) => build === 1);
  if (lease === undefined) throw new Error('The writer got no lease.');
  const changes = Object.entries(tables).map(([table, upserts]) => ({ table, upserts, deletes: [] }));
  const keyed = Object.entries(tables).map(
    ([table, rows]) => [table, rows.map((row) => pick(row, ledger.tables[table]?.key ?? []))] as const,
  );
  await subject.store.apply({ lease, after, position, log, touched: Object.fromEntries(keyed), fold: () => ({ changes, parks: [] }) });
}

function pick(row: Row, columns: readonly string[]): Row {
  return Object.fromEntries(columns.map((column) => [column, row[column]]));
}

async function statusOf({ builds }: ReadModelBuildsUnderTest) {
  return (await builds.versions(ledger.name)).find(({ version }) => version === ledger.version);
}

async function rowsOf({ builds }: ReadModelBuildsUnderTest, model: ReadModel, table: string): Promise<readonly Row[]> {
  return builds.readRows(model, async (snapshot) => {
    const rows: Row[] = [];
    for await (const page of snapshot.rows(table)) rows.push(...page);
    return rows.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  });
}

async function all(lines: AsyncIterable<string>): Promise<readonly string[]> {
  const read: string[] = [];
  for await (const line of lines) read.push(line);
  return read;
}

async function* pages(rows: readonly Row[]): AsyncGenerator<readonly Row[]> {
  for (const row of rows) yield [row];
}

async function* linesOf(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}

function kept(...lines: readonly string[]): KeptProgress {
  return { lines: linesOf(lines) };
}

async function* failing<T>(items: T): AsyncGenerator<T> {
  yield items;
  throw new Error('torn');
}
