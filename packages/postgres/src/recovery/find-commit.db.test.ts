import { throwAwayDatabase } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { PostgresEventStore } from '../event-store/postgres-event-store.ts';
import { migrate } from '../migrate/migrate.ts';
import { createPool } from '../pool.ts';
import { findCommit } from './find-commit.ts';

test('a position is found with the commit that it is in, its transaction, and the time of the next', async () => {
  await using database = await throwAwayDatabase('event_store', migrate);
  await using store = new PostgresEventStore({ url: database.serviceUrl });
  for (const count of [1, 3, 1, 1]) {
    const events = Array.from({ length: count }, () => ({ type: 'Placed', data: {} }));
    await store.append({ streams: [{ stream: 'order-1', expectedVersion: 'any', events }] });
  }
  const pool = createPool({ url: database.serviceUrl, applicationName: 'kiroku-tests', max: 1 });
  const { rows } = await pool.query<{ xid: string }>('select xmin::text as xid from kiroku.events order by position');
  const found = await Promise.all([1, 2, 4, 5, 6, 7].map((position) => findCommit(pool, position)));
  await pool.end();
  expect(found.map((commit) => commit?.lastPosition)).toEqual([1, 4, 4, 5, 6, undefined]);
  expect(found.map((commit) => commit?.xid)).toEqual([0, 1, 3, 4, 5, 6].map((index) => rows[index]?.xid));
  const times = [found[1], found[3], found[3], found[4]].map((commit) => commit?.recordedAt);
  expect(found.map((commit) => commit?.nextRecordedAt)).toEqual([...times, null, undefined]);
});
