import { CheckpointWatch, ProjectionWorker } from '@kiroku/engine';
import { createPool, migrate, PostgresEventStore, PostgresReadModelStore } from '@kiroku/postgres';
import { throwAwayDatabase } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { branchDays } from './projections.ts';
import { busiestDays } from './reading.ts';

test('the example reads the days of a branch as of the loan that was just made', async () => {
  await using events = await throwAwayDatabase('event_store', migrate);
  await using query = await throwAwayDatabase('query_db', migrate);
  await using eventStore = new PostgresEventStore({ url: events.url });
  const pool = createPool({ url: query.url, applicationName: 'kiroku-tests' });
  const readModels = new PostgresReadModelStore({ pool });
  const worker = new ProjectionWorker({ eventStore, readModels, projections: [branchDays], instance: 'one' });
  const watch = new CheckpointWatch({ readModels, projections: [branchDays], eventStore });
  try {
    await worker.start();
    watch.start();
    const data = { bookId: '7c5be1fb-3a8f-4b7e-9b53-9d3f2a5d6b11', reader: 'Hanako', branch: 'main' };
    const { position } = await eventStore.append({
      streams: [{ stream: 'book-1', expectedVersion: 0, events: [{ type: 'BookLent', schemaVersion: 1, data }] }],
    });
    const { rows } = await busiestDays({ pool, watch }, 'main', position);
    expect(rows).toMatchObject([{ branch: 'main', lent: 1, returned: 0 }]);
  } finally {
    await Promise.all([watch.stop(), worker.stop()]);
    await pool.end();
  }
});
