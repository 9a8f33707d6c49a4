import { defineApplication, defineEvents, defineProjection, type JsonObject, KirokuError } from '@kiroku/core';
import { ProjectionWorker } from '@kiroku/engine';
import { createPool, migrate, PostgresEventStore, PostgresFigures, PostgresReadModelStore } from '@kiroku/postgres';
import { anySchema, InMemoryKeyStore, throwAwayDatabase } from '@kiroku/testing';
import { v7 as uuidv7 } from 'uuid';
import { describe, expect, test, vi } from 'vitest';
import { openProjectionStores } from '../config/open-projection-stores.ts';
import type { ProjectionStores } from '../config/projection-stores.ts';
import { listParkedKeys } from '../projection-parked/list-parked-keys.ts';
import { settleParkedKeys } from '../projection-parked/settle-parked-keys.ts';
import { pauseProjections } from '../projection-pause/pause-projections.ts';
import { planRetire, retireBuilds } from '../projection-retire/retire-builds.ts';
import { showProjection } from '../projection-show/show-projection.ts';
import { listProjections, needsAttention } from './list-projections.ts';

interface Moved extends JsonObject {
  readonly of: string;
  readonly by: number;
}

const events = defineEvents({ Moved: { schema: anySchema<Moved>() } });

/** Adds up, and cannot fold what its code does not understand yet. */
const sums = (understands: (by: number) => boolean) =>
  defineProjection({
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
              if (!understands(data.by)) throw new RangeError(`${data.by} is not understood`);
              return { of: data.of, total: (row?.total ?? 0) + data.by };
            },
          },
        },
      },
    },
  });

const asDeployed = sums((by) => by > 0);
const mended = sums(() => true);
const operator = { name: 'ada', reason: 'drill' };

/** A log and read models that a process follows with the code as deployed. */
async function given() {
  const [log, commands, queries] = await Promise.all([
    throwAwayDatabase('event_store', migrate),
    throwAwayDatabase('command_db', migrate),
    throwAwayDatabase('query_db', migrate),
  ]);
  const urls = { event_store: log.serviceUrl, command_db: commands.serviceUrl, query_db: queries.serviceUrl };
  const eventStore = new PostgresEventStore({ url: urls.event_store });
  const pool = createPool({ url: urls.query_db, applicationName: 'kiroku-tests', max: 4 });
  const readModels = new PostgresReadModelStore({ pool });
  const worker = new ProjectionWorker({ eventStore, readModels, projections: [asDeployed], instance: 'worker a:1' });
  await worker.start();
  const storesWith = (projection: typeof mended) =>
    openProjectionStores(urls, {
      application: defineApplication({ name: 'test', aggregates: [], projections: [projection] }),
      keys: new InMemoryKeyStore(),
      applicationName: 'kiroku-tests',
    });
  const [stores, later] = [storesWith(asDeployed), storesWith(mended)];
  return {
    worker,
    /** With the code as deployed, and with that which understands everything. */
    stores,
    later,
    /** Appends an event each, and waits until they are applied or parked. */
    async move(...moves: readonly (readonly [of: string, by: number])[]) {
      const moved = moves.map(([of, by]) => ({ type: 'Moved', data: { of, by } }));
      const { position } = await eventStore.append({ streams: [{ stream: 'move-1', expectedVersion: 'any', events: moved }] });
      await vi.waitFor(async () => expect(await readModels.checkpoint(asDeployed)).toBe(position), { timeout: 30_000, interval: 20 });
    },
    sql: (text: string) => pool.query(text),
    figures: async () => {
      await using figures = new PostgresFigures({ urls, applicationName: 'kiroku-tests' });
      return await figures.readModels.read([asDeployed]);
    },
    append: (of: string, by: number) =>
      eventStore.append({ streams: [{ stream: 'move-1', expectedVersion: 'any', events: [{ type: 'Moved', data: { of, by } }] }] }),
    totals: async () => {
      const { rows } = await pool.query<{ of: string; total: number }>('select of, total from sums_v1.sum order by of');
      return Object.fromEntries(rows.map(({ of, total }) => [of, total]));
    },
    async [Symbol.asyncDispose]() {
      await worker.stop();
      await Promise.all([stores[Symbol.asyncDispose](), later[Symbol.asyncDispose](), eventStore.stop(), pool.end()]);
      await Promise.all([log, commands, queries].map((database) => database[Symbol.asyncDispose]()));
    },
  };
}

const stateOf = async (stores: ProjectionStores) => (await listProjections(stores))[0];

test('without the log, everything is told but how far behind it projections are, and why that is not known', async () => {
  await using subject = await given();
  await subject.move(['a', 1]);
  const away = { head: () => Promise.reject(new KirokuError('DatabaseUnavailable', 'event_store is away')) };
  const stores = { ...subject.stores, log: { ...subject.stores.log, ...away } };
  const [status] = await listProjections(stores);
  expect(status).toMatchObject({ projection: 'sums', state: 'unknown', unseen: 'event_store is away', activeBuild: 1, size: { rows: 1 } });
  expect(status).not.toHaveProperty('lag');
  await pauseProjections(stores, { names: ['sums'], paused: true, operator });
  expect(await listProjections(stores)).toMatchObject([{ state: 'paused', unseen: 'event_store is away' }]);
});

describe('a projection that is looked at', () => {
  test('is live, with its owner, rows and lag', async () => {
    await using subject = await given();
    await subject.move(['a', 1], ['b', 2]);
    expect(await listProjections(subject.stores)).toMatchObject([
      {
        projection: 'sums',
        version: 1,
        declared: true,
        state: 'live',
        activeBuild: 1,
        position: 2,
        lag: { events: 0, seconds: 0 },
        parkedKeys: 0,
        owners: ['worker a:1'],
        size: { rows: 2, estimated: false },
      },
    ]);
    const shown = await showProjection(subject.stores, 'sums');
    expect(shown).toMatchObject({
      head: 2,
      versions: [{ instances: ['worker a:1'], builds: [{ build: 1, active: true, tables: [{ table: 'sum' }] }], steps: [] }],
      parked: [],
    });
  });

  test('is orphaned once nobody follows it, and its lag grows with the log', async () => {
    await using subject = await given();
    await subject.move(['a', 1]);
    await subject.worker.stop();
    await subject.append('a', 2);
    const status = await stateOf(subject.stores);
    expect(status).toMatchObject({ state: 'orphaned', lag: { events: 1 }, owners: [] });
    expect(needsAttention(status === undefined ? [] : [status])).toBe(true);
  });

  test('tells of a build that is kept and whose table somebody has altered, and calls for attention', async () => {
    await using subject = await given();
    await subject.move(['a', 1]);
    const { stores } = subject;
    const { log } = await stores.events.head();
    await stores.builds.finish(await stores.builds.create(asDeployed, { log, job: uuidv7() }), { position: 0, parked: [] });
    await subject.sql('alter table sums_v1_b2.sum drop column total');
    const status = await vi.waitUntil(async () => (await listProjections(stores)).find((each) => each.stalledBuilds), 30_000);
    expect(status).toMatchObject({ state: 'live', activeBuild: 1, stalledBuilds: [{ build: 2 }] });
    expect(status.stalledBuilds?.[0]?.reason).toContain('sum.total is not there, declared as bigint not null');
    expect(needsAttention([status])).toBe(true);
  });

  test('tells of builds that are followed for nobody, as metrics and the default of a retirement do', async () => {
    await using subject = await given();
    await subject.move(['a', 1]);
    const { stores } = subject;
    for (let build = 2; build <= 5; build += 1) {
      const { log } = await stores.events.head();
      await stores.builds.finish(await stores.builds.create(asDeployed, { log, job: uuidv7() }), { position: 1, parked: [] });
      if (build < 5) await stores.builds.switchTo({ projection: asDeployed, build });
    }
    expect(await stateOf(stores)).toMatchObject({ activeBuild: 4, spareBuilds: [1, 2, 5] });
    expect(await subject.figures()).toMatchObject([{ name: 'sums', spareBuilds: 3 }]);
    expect((await planRetire(stores, { name: 'sums' })).builds.map(({ build }) => build)).toEqual([1, 2, 5]);
  });

  test('tells of a build under way, and of the job that makes it', async () => {
    await using subject = await given();
    await subject.move(['a', 1]);
    const { stores } = subject;
    const { id } = await stores.jobs.create({ id: uuidv7(), verb: 'projection rebuild', arguments: {}, createdBy: 'ada' });
    await stores.builds.create(asDeployed, { log: (await stores.events.head()).log, job: id });
    expect(await stateOf(stores)).toMatchObject({ state: 'live', activeBuild: 1, underWay: { build: 2, job: { id, state: 'queued' } } });
    expect((await showProjection(stores, 'sums')).versions[0]?.builds).toMatchObject([
      { build: 1, state: 'ready', active: true },
      { build: 2, state: 'building', active: false, job: id },
    ]);
  });

  test('is not built in its new version, and its old one is unused once nobody runs it', async () => {
    await using subject = await given();
    await subject.move(['a', 1]);
    const next = { ...subject.stores, application: { projections: [{ ...mended, version: 2 }] } };
    const states = async () => (await listProjections(next)).map(({ version, state }) => `${version} ${state}`);
    expect(await states()).toEqual(['2 not built', '1 live']);
    await subject.worker.stop();
    expect(await states()).toEqual(['2 not built', '1 unused']);
    const { versions } = await showProjection(next, 'sums');
    expect(versions.map(({ steps }) => steps)).toEqual([[], []]); // the old one is the newest that there is
  });

  test('is retired as a whole in a newer version that was rolled back, once nobody runs it, and never in that of the code', async () => {
    await using subject = await given();
    await subject.move(['a', 1]);
    const { builds } = subject.stores;
    const newer = { ...mended, version: 2 };
    const { log } = await subject.stores.events.head();
    await builds.finish(await builds.create(newer, { log, job: uuidv7() }), { position: 1, parked: [] });
    const { versions } = await showProjection(subject.stores, 'sums');
    expect(versions.map(({ steps }) => steps)).toEqual([[expect.stringContaining('retire sums --version 2: no code declares it')], []]);
    const plan = await planRetire(subject.stores, { name: 'sums', version: 2 });
    expect(plan.builds).toMatchObject([{ build: 1 }]);
    await retireBuilds(subject.stores, { plan, operator });
    await subject.worker.stop();
    expect(await planRetire(subject.stores, { name: 'sums' })).toMatchObject({ version: 1, builds: [] });
    expect((await listProjections(subject.stores)).map(({ version }) => version)).toEqual([1]);
  });

  test('is not there under another name', async () => {
    await using subject = await given();
    await expect(showProjection(subject.stores, 'sum')).rejects.toMatchObject({ code: 'NotFound' });
    await expect(listParkedKeys(subject.stores, { projection: 'sum', limit: 1 })).rejects.toThrow('Did you mean "sums"?');
  });
});

test('a paused projection stands still until it is resumed, and the audit log says who did', async () => {
  await using subject = await given();
  await subject.move(['a', 1]);
  await pauseProjections(subject.stores, { names: ['sums'], paused: true, operator });
  await vi.waitFor(() => expect(subject.worker.status().partitions).toEqual([]), { timeout: 15_000 });
  await subject.append('a', 2);
  expect(await stateOf(subject.stores)).toMatchObject({ state: 'paused', position: 1, owners: [] });
  await pauseProjections(subject.stores, { names: ['sums'], paused: false, operator });
  await subject.move(['a', 3]);
  expect(await subject.totals()).toEqual({ a: 6 });
  expect(await pauseProjections(subject.stores, { names: ['sums'], paused: false, operator })).toMatchObject([{ unchanged: true }]);
  expect((await subject.stores.audit.actions({ limit: 9 })).map(({ verb, before, outcome }) => [verb, before, outcome])).toMatchObject([
    ['projection resume', [{ version: 1, paused: true }], { succeeded: true, after: [{ version: 1, paused: false }] }],
    ['projection pause', [{ version: 1, paused: false }], { succeeded: true, after: [{ version: 1, paused: true }] }],
  ]);
});

describe('parked keys', () => {
  test('are listed with what failed and how many wait, and call for attention', async () => {
    await using subject = await given();
    await subject.move(['a', 1], ['a', -2], ['a', 3], ['b', 4]);
    expect(await subject.totals()).toEqual({ a: 1, b: 4 });
    expect(await listParkedKeys(subject.stores, { limit: 10 })).toMatchObject([
      { projection: 'sums', version: 1, build: 1, table: 'sum', keyText: 'a', position: 2, events: 2, fault: { code: 'RangeError' } },
    ]);
    const status = await stateOf(subject.stores);
    expect([status?.state, status?.parkedKeys, needsAttention(status ? [status] : [])]).toEqual(['live', 1, true]);
  });

  test('stay parked if the retry fails again', async () => {
    await using subject = await given();
    await subject.move(['a', -2], ['a', 3]);
    expect(await settleParkedKeys(subject.stores, { projection: 'sums', verb: 'retry', keys: 'all', operator })).toMatchObject([
      { build: 1, key: 'sum/a', outcome: 'parked', events: 2, fault: { code: 'RangeError', position: 1 } },
    ]);
    expect(await listParkedKeys(subject.stores, { limit: 10 })).toMatchObject([{ attempts: 2, events: 2 }]);
  });

  test('follow the log again once mended code has folded what waited, in order', async () => {
    await using subject = await given();
    await subject.move(['a', 1], ['a', -2], ['a', 3]);
    expect(await settleParkedKeys(subject.later, { projection: 'sums', verb: 'retry', keys: ['a'], operator })).toMatchObject([
      { key: 'sum/a', outcome: 'free', events: 2 },
    ]);
    await subject.move(['a', 10]);
    expect(await subject.totals()).toEqual({ a: 12 });
  });

  test('are skipped event by event: what waits is folded, up to the next that fails', async () => {
    await using subject = await given();
    await subject.move(['a', 1], ['a', -2], ['a', 3], ['a', -4], ['a', 5]);
    const skip = { projection: 'sums', verb: 'skip', keys: ['sum/a'], operator } as const;
    expect(await settleParkedKeys(subject.stores, skip)).toMatchObject([{ outcome: 'parked', fault: { position: 4 } }]);
    expect(await subject.totals()).toEqual({ a: 4 });
    expect(await settleParkedKeys(subject.stores, skip)).toMatchObject([{ outcome: 'free' }]);
    expect(await subject.totals()).toEqual({ a: 9 });
  });

  test('are discarded with all that waits, and the row goes on from the next event', async () => {
    await using subject = await given();
    await subject.move(['a', 1], ['a', -2], ['a', 3]);
    await settleParkedKeys(subject.stores, { projection: 'sums', verb: 'discard', keys: ['a'], operator });
    await subject.move(['a', 10]);
    expect(await subject.totals()).toEqual({ a: 11 });
    expect(await subject.stores.audit.actions({ limit: 9 })).toMatchObject([
      {
        operator: 'ada',
        reason: 'drill',
        verb: 'projection parked discard',
        arguments: { projection: 'sums', keys: ['a'] },
        before: [{ key: 'sum/a', position: 2, events: 2, code: 'RangeError' }],
        outcome: { succeeded: true, after: [{ key: 'sum/a', outcome: 'free' }] },
      },
    ]);
  });

  test('are left out for a reason only', async () => {
    await using subject = await given();
    await subject.move(['a', -2]);
    const discard = { projection: 'sums', verb: 'discard', keys: ['a'], operator: { name: 'ada' } } as const;
    await expect(settleParkedKeys(subject.stores, discard)).rejects.toMatchObject({ code: 'BadRequest' });
    expect(await listParkedKeys(subject.stores, { limit: 10 })).toHaveLength(1);
  });
});
