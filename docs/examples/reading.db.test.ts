import { CheckpointWatch, ProjectionWorker } from '@kiroku/engine';
import { createPool, migrate, PostgresEventStore, PostgresReadModelStore } from '@kiroku/postgres';
import { throwAwayDatabase } from '@kiroku/testing';
import { expect, test, vi } from 'vitest';
import { KeptDays } from './keeping.ts';
import { branchDays } from './projections.ts';
import { busiestDays } from './reading.ts';

/** A library that lends books, and its read model. */
async function library() {
  const events = await throwAwayDatabase('event_store', migrate);
  const query = await throwAwayDatabase('query_db', migrate);
  const eventStore = new PostgresEventStore({ url: events.url });
  const pool = createPool({ url: query.url, applicationName: 'kiroku-tests' });
  const readModels = new PostgresReadModelStore({ pool });
  const worker = new ProjectionWorker({ eventStore, readModels, projections: [branchDays], instance: 'one' });
  const watch = new CheckpointWatch({ readModels, projections: [branchDays], eventStore });
  await worker.start();
  watch.start();
  let books = 0;
  return {
    pool,
    watch,
    lend: async (branch: string): Promise<number> => {
      const data = { bookId: '7c5be1fb-3a8f-4b7e-9b53-9d3f2a5d6b11', reader: 'Hanako', branch };
      const { position } = await eventStore.append({
        streams: [{ stream: `book-${++books}`, expectedVersion: 0, events: [{ type: 'BookLent', schemaVersion: 1, data }] }],
      });
      return position;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([watch.stop(), worker.stop()]);
      await pool.end();
      await eventStore.stop();
      await Promise.all([events, query].map((database) => database[Symbol.asyncDispose]()));
    },
  };
}

test('the example reads the days of a branch as of the loan that was just made', async () => {
  await using given = await library();
  const position = await given.lend('main');
  const { rows } = await busiestDays(given, 'main', position);
  expect(rows).toMatchObject([{ branch: 'main', lent: 1, returned: 0 }]);
});

test('the example keeps the days of a branch until one of them changes', async () => {
  await using given = await library();
  const kept = new KeptDays(given);
  const leaving = new AbortController();
  const listening = kept.listen(leaving.signal);
  const position = await given.lend('main');
  expect(await kept.busiest('main', position)).toMatchObject([{ lent: 1 }]);
  const read = vi.spyOn(given.pool, 'query');
  const reads = () => read.mock.calls.filter(([statement]) => JSON.stringify(statement).includes('order by lent')).length;
  await vi.waitUntil(async () => {
    const before = reads();
    await kept.busiest('main');
    return reads() === before;
  }, 10_000);
  const other = await given.lend('harbour');
  expect(await kept.busiest('main', other)).toMatchObject([{ lent: 1 }]);
  const again = await given.lend('main');
  expect(await kept.busiest('main', again)).toMatchObject([{ lent: 2 }]);
  leaving.abort();
  await listening;
});
