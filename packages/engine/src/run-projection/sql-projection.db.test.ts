import { defineEvents, defineSqlProjection, type ReadModelAdvance } from '@kiroku/core';
import { createPool, migrate, PostgresEventStore, PostgresReadModelStore, projectionSchema } from '@kiroku/postgres';
import { anySchema, throwAwayDatabase } from '@kiroku/testing';
import { expect, test, vi } from 'vitest';
import { ProjectionWorker } from './projection-worker.ts';

const events = defineEvents({ Sold: { schema: anySchema<{ readonly product: string; readonly pieces: number }>() } });

/** Ranks products by what was sold of them: every event may move all ranks, so there is no key to fold by. */
const ranking = (broken = () => false) =>
  defineSqlProjection({
    name: 'best-sellers',
    version: 1,
    events,
    schema: ['create table seller (product text primary key, pieces bigint not null, rank bigint)', 'create index on seller (rank)'],
    columns: { seller: { product: 'text key', pieces: 'integer', rank: 'integer?' } },
    apply: async (sql, sold) => {
      if (broken()) throw new Error('the fold failed');
      for (const { data } of sold) {
        await sql.query('insert into seller values ($1, $2) on conflict (product) do update set pieces = seller.pieces + excluded.pieces', [
          data.product,
          data.pieces,
        ]);
      }
      await sql.query(
        'update seller set rank = ranked.rank from (select product, rank() over (order by pieces desc) from seller) as ranked where ranked.product = seller.product',
      );
    },
  });

async function installation() {
  const [log, query] = await Promise.all([throwAwayDatabase('event_store', migrate), throwAwayDatabase('query_db', migrate)]);
  const pool = createPool({ url: query.serviceUrl, applicationName: 'kiroku-tests' });
  const eventStore = new PostgresEventStore({ url: log.serviceUrl });
  return {
    pool,
    eventStore,
    readModels: new PostgresReadModelStore({ pool }),
    sell: (product: string, pieces: number, type = 'Sold') =>
      eventStore.append({ streams: [{ stream: 'till-1', expectedVersion: 'any', events: [{ type, data: { product, pieces } }] }] }),
    rows: async () => (await pool.query(`select * from ${projectionSchema(ranking())}.seller order by product`)).rows,
    async [Symbol.asyncDispose]() {
      await eventStore.stop();
      await pool.end();
      await Promise.all([log[Symbol.asyncDispose](), query[Symbol.asyncDispose]()]);
    },
  };
}

test('SQL of a projection is run in its own schema, once for each event, with the checkpoint', async () => {
  await using given = await installation();
  const { eventStore, readModels } = given;
  await using worker = new ProjectionWorker({ eventStore, readModels, projections: [ranking()], instance: 'one' });
  await worker.start();
  await given.sell('cup', 3);
  await given.sell('pot', 5);
  await given.sell('cup', 4);
  await given.sell('cup', 1, 'SomethingElse');
  await expect.poll(() => readModels.checkpoint(ranking())).toBe(4);
  expect(await given.rows()).toEqual([
    { product: 'cup', pieces: 7, rank: 1 },
    { product: 'pot', pieces: 5, rank: 2 },
  ]);
});

test('which rows SQL has changed is not known, and it is told that it is not', async () => {
  await using given = await installation();
  const { eventStore, readModels } = given;
  await using worker = new ProjectionWorker({ eventStore, readModels, projections: [ranking()], instance: 'one' });
  await worker.start();
  const leaving = new AbortController();
  const told: ReadModelAdvance[] = [];
  const listening = vi.fn();
  const end = (async () => {
    for await (const advance of readModels.advances(leaving.signal, listening)) told.push(advance);
  })();
  await expect.poll(() => listening.mock.calls.length).toBe(1);
  await given.sell('cup', 3);
  await expect.poll(() => told.map(({ position, changed, lists }) => [position, changed, lists])).toEqual([[1, undefined, undefined]]);
  leaving.abort();
  await end;
});

test('SQL that fails stalls its projection, writes nothing, and goes on when it can', async () => {
  await using given = await installation();
  const { eventStore, readModels } = given;
  let broken = true;
  const projection = ranking(() => broken);
  const retry = { baseMs: 5, capMs: 20 };
  await using worker = new ProjectionWorker({ eventStore, readModels, projections: [projection], instance: 'one', retry });
  await worker.start();
  await given.sell('cup', 3);
  await expect
    .poll(() => readModels.checkpoints(projection))
    .toMatchObject([{ position: 0, stalled: { reason: expect.stringContaining('the fold failed') } }]);
  expect(await given.rows()).toEqual([]);
  broken = false;
  await expect.poll(() => given.rows()).toEqual([{ product: 'cup', pieces: 3, rank: 1 }]);
});
