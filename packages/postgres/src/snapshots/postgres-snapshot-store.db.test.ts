import { snapshotStoreContract, throwAwayDatabase } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { migrate } from '../migrate/migrate.ts';
import { createPool } from '../pool.ts';
import { PostgresSnapshotStore } from './postgres-snapshot-store.ts';

snapshotStoreContract('PostgresSnapshotStore', async () => {
  const opened = await open();
  const sql = 'update kiroku.snapshots set state = replace(state, $4, $5) where stream = $1 and aggregate = $2 and state_version = $3';
  return {
    ...opened,
    damage: async ({ stream, aggregate, stateVersion }) => {
      await opened.pool.query(sql, [stream, aggregate, stateVersion, '7', '8']);
    },
  };
});

test.each([
  ['a later version', 'version = version + 1'],
  ['another event', 'event_id = gen_random_uuid()'],
  ['another stream', `stream = 'stock-2'`],
  ['a state that is no JSON', `state = left(state, 5)`],
  ['no checksum', `checksum = ''`],
])('a snapshot that was given %s is not used', async (_, change) => {
  await using opened = await open();
  const key = { stream: 'stock-1', aggregate: 'stock', stateVersion: 1, events: '' } as const;
  await opened.store.save(key, { version: 5, eventId: crypto.randomUUID(), state: { onHand: 7 } });
  expect((await opened.pool.query(`update kiroku.snapshots set ${change}`)).rowCount).toBe(1);
  expect(await opened.store.load(key)).toBeUndefined();
  expect(await opened.store.load({ ...key, stream: 'stock-2' })).toBeUndefined();
});

test('saving lets go of earlier state versions that are a week old', async () => {
  await using opened = await open();
  const key = { stream: 'stock-1', aggregate: 'stock', stateVersion: 1, events: '' } as const;
  const snapshot = { version: 5, eventId: crypto.randomUUID(), state: {} };
  await opened.store.save(key, snapshot);
  await opened.pool.query(`update kiroku.snapshots set saved_at = now() - interval '8 days'`);
  await opened.store.save({ ...key, stateVersion: 2 }, snapshot);
  await opened.store.save({ ...key, stateVersion: 3 }, snapshot);
  const { rows } = await opened.pool.query('select state_version from kiroku.snapshots order by 1');
  expect(rows).toEqual([{ state_version: 2 }, { state_version: 3 }]);
});

test('saving lets go of nothing else, and what is saved anew is young again', async () => {
  await using opened = await open();
  const key = { stream: 'stock-1', aggregate: 'stock', stateVersion: 2, events: '' } as const;
  const snapshot = { version: 5, eventId: crypto.randomUUID(), state: {} };
  const others = [{ ...key, stream: 'stock-2' } as const, { ...key, aggregate: 'shelf' }, { ...key, stateVersion: 4 }, key];
  for (const each of others) await opened.store.save(each, snapshot);
  await opened.pool.query(`update kiroku.snapshots set saved_at = now() - interval '8 days'`);
  await opened.store.save(key, snapshot);
  await opened.store.save({ ...key, stateVersion: 3 }, snapshot);
  expect(await Promise.all(others.map((each) => opened.store.load(each)))).toEqual(others.map(() => snapshot));
});

async function open() {
  const database = await throwAwayDatabase('event_store', migrate);
  const pool = createPool({ url: database.serviceUrl, applicationName: 'kiroku-tests' });
  return {
    store: new PostgresSnapshotStore({ pool }),
    pool,
    [Symbol.asyncDispose]: async () => {
      await pool.end();
      await database[Symbol.asyncDispose]();
    },
  };
}
