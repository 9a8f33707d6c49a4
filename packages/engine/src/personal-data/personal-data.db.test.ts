import { command, defineAggregate, defineEvents, defineProjection, type EventStore } from '@kiroku/core';
import { createPool, migrate, PostgresEventStore, PostgresReadModelStore, projectionSchema } from '@kiroku/postgres';
import { InMemoryKeyStore, throwAwayDatabase } from '@kiroku/testing';
import { v7 as uuid } from 'uuid';
import { expect, test, vi } from 'vitest';
import * as z from 'zod';
import { createCommandHandler } from '../handle-command/create-command-handler.ts';
import { ProjectionWorker } from '../run-projection/projection-worker.ts';
import { encryptedEventStore } from './encrypted-event-store.ts';

const schema = z.strictObject({ id: z.string(), name: z.string(), town: z.string() });

// Release 1 called the name `fullName`.
const events = defineEvents({
  Joined: {
    schema,
    version: 2,
    upcasters: { 1: ({ fullName, ...rest }) => ({ ...rest, name: fullName }) },
    personal: { subject: ({ id }) => id, fields: ['name'] },
  },
});
const eventsOfRelease1 = defineEvents({
  Joined: {
    schema: z.strictObject({ id: z.string(), fullName: z.string(), town: z.string() }),
    personal: { subject: ({ id }) => id, fields: ['fullName'], forgotten: { fullName: 'a former member' } },
  },
});
const member = defineAggregate({
  name: 'member',
  events,
  initialState: { name: '' },
  evolve: { Joined: (_, { data }) => ({ name: data.name }) },
  commands: { Join: command({ schema, target: ({ id }) => id }) },
  decide: { Join: (state, { data }) => (state.name === data.name ? [] : [{ type: 'Joined', data }]) },
});
const members = (version: number) =>
  defineProjection({
    name: 'members',
    version,
    events,
    tables: {
      member: {
        columns: { id: 'text key', name: 'text', town: 'text' },
        on: { Joined: { keys: ({ data }) => ({ id: data.id }), fold: (_, { data }) => data } },
      },
    },
  });

test('names are nowhere in the log, and readable in the state and the read model', async () => {
  await using given = await installation();
  await given.join({ id: 'ada', name: 'Lovelace', town: 'London' });
  expect(await given.join({ id: 'ada', name: 'Lovelace', town: 'London' })).toMatchObject({ outcome: 'accepted', version: 1 }); // known already
  expect(await given.stored()).toMatch(/London/);
  expect(await given.stored()).not.toMatch(/Lovelace/);
  expect(await given.build(1)).toEqual([{ id: 'ada', name: 'Lovelace', town: 'London' }]);
});

test('after forget the rows of the log are the same bytes, and a rebuilt read model has placeholders', async () => {
  await using given = await installation();
  await given.join({ id: 'ada', name: 'Lovelace', town: 'London' });
  await given.join({ id: 'bob', name: 'Byron', town: 'Aberdeen' });
  const before = await given.stored();
  await given.keys.forget('ada');
  expect(await given.build(2)).toEqual([
    { id: 'ada', name: '(forgotten)', town: 'London' },
    { id: 'bob', name: 'Byron', town: 'Aberdeen' },
  ]);
  expect(await given.stored()).toBe(before);
});

test('events of an older schema version are decrypted before they are upcast, and keep the placeholders of their time', async () => {
  await using given = await installation();
  const release1 = encryptedEventStore(given.log, { aggregates: [{ events: eventsOfRelease1 }], keys: given.keys });
  for (const id of ['ada', 'bob']) {
    const data = { id, fullName: `${id} of old`, town: 'London' };
    await release1.append({ streams: [{ stream: `member-${id}`, expectedVersion: 'any', events: [{ type: 'Joined', data }] }] });
  }
  await given.keys.forget('bob');
  expect(await given.build(1)).toEqual([
    { id: 'ada', name: 'ada of old', town: 'London' },
    { id: 'bob', name: 'a former member', town: 'London' },
  ]);
});

test('a lost key stalls the read model before the event, with the reason, until the key is back', async () => {
  await using given = await installation();
  await given.join({ id: 'ada', name: 'Lovelace', town: 'London' });
  const key = await given.keys.findKey('ada');
  given.keys.lose('ada');
  const findKey = vi.spyOn(given.keys, 'findKey');
  const built = given.build(1);
  await vi.waitFor(() => expect(given.statusOf(1)).toMatchObject({ state: 'stalled', position: 0, error: { code: 'KeyMissing' } }), 15_000);
  findKey.mockResolvedValue(key);
  expect(await built).toEqual([{ id: 'ada', name: 'Lovelace', town: 'London' }]);
});

async function installation() {
  const [logDatabase, query] = await Promise.all([throwAwayDatabase('event_store', migrate), throwAwayDatabase('query_db', migrate)]);
  const pool = createPool({ url: query.serviceUrl, applicationName: 'kiroku-tests' });
  const logPool = createPool({ url: logDatabase.serviceUrl, applicationName: 'kiroku-tests' });
  const all = createPool({ url: logDatabase.url, applicationName: 'kiroku-tests' });
  const log = new PostgresEventStore({ pool: logPool });
  const keys = new InMemoryKeyStore();
  const eventStore: EventStore = encryptedEventStore(log, { aggregates: [member], keys, keyCache: { maxAgeMs: 0 } });
  const handle = createCommandHandler({ aggregates: [member], eventStore });
  const workers = new Map<number, ProjectionWorker>();
  return {
    log,
    keys,
    join: (data: z.output<typeof schema>) =>
      handle({ type: 'Join', data, id: uuid(), at: '2026-11-24T10:00:00.000Z', metadata: { actor: 'clerk' } }),
    /** All that stands in any table of the event store, as text. */
    stored: async () => {
      const tables = await all.query<{ name: string }>(
        "select table_name as name from information_schema.tables where table_schema = 'kiroku'",
      );
      const rows = tables.rows.map(async ({ name }) => (await all.query(`select t::text as row from kiroku.${name} t`)).rows);
      return JSON.stringify(await Promise.all(rows));
    },
    /** The rows of the read model, built from the beginning of the log. */
    build: async (version: number) => {
      const readModels = new PostgresReadModelStore({ pool });
      const projection = members(version);
      const retry = { baseMs: 5, capMs: 20 };
      const worker = new ProjectionWorker({ eventStore, readModels, projections: [projection], instance: `test ${version}`, retry });
      workers.set(version, worker);
      await worker.start();
      const { position: head } = await eventStore.head();
      await vi.waitFor(() => expect(worker.status().partitions).toMatchObject([{ position: head, state: 'running' }]), 60_000);
      return (await pool.query(`select * from ${projectionSchema(projection)}.member order by id`)).rows;
    },
    statusOf: (version: number) => workers.get(version)?.status().partitions[0],
    async [Symbol.asyncDispose]() {
      await Promise.all([...workers.values()].map((worker) => worker.stop()));
      await log.stop();
      await Promise.all([pool.end(), logPool.end(), all.end()]);
      await Promise.all([logDatabase[Symbol.asyncDispose](), query[Symbol.asyncDispose]()]);
    },
  };
}
