import { isOfHistory } from '@kiroku/core';
import { throwAwayDatabase } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { hashOfEmptyLog } from '../chain/commit-hash.ts';
import { PostgresEventStore } from '../event-store/postgres-event-store.ts';
import { migrate } from '../migrate/migrate.ts';
import { createPool } from '../pool.ts';
import { statement } from '../statement.ts';
import { readChainHead } from '../verify/chain-head.ts';
import { raiseTimeline } from './raise-timeline.ts';
import { readLogHistory } from './read-log-history.ts';

const order = { backup: '20261127T221846Z-3f9a', by: 'kim' };

test('a log that was never restored has one timeline', async () => {
  await using given = await aLog();
  expect(await readLogHistory(given.service)).toEqual({ log: { id: given.id, timeline: 1 }, forks: [] });
});

test('a restore begins a timeline at the end of the log, with its hash there', async () => {
  await using given = await aLog();
  await given.append(3);
  const { hash } = await readChainHead(given.service);
  const raised = await raiseTimeline(given.owner, order);
  expect(raised).toMatchObject({ timeline: 2, parent: 1, afterPosition: 3, hash, backup: order.backup, restoredBy: 'kim' });
  expect(await readLogHistory(given.service)).toEqual({ log: { id: given.id, timeline: 2 }, forks: [raised] });
});

test('of an empty log, from its beginning', async () => {
  await using given = await aLog();
  const hash = hashOfEmptyLog(given.id).toString('hex');
  expect(await raiseTimeline(given.owner, order)).toMatchObject({ timeline: 2, afterPosition: 0, hash });
});

test('what was restored before, and what the live log knows, is passed over and kept', async () => {
  await using live = await aLog();
  await live.append(2);
  await raiseTimeline(live.owner, order);
  await live.append(2);
  await raiseTimeline(live.owner, order);
  const { forks: known } = await readLogHistory(live.owner);

  await using restored = await aLog(); // from a backup of timeline 1
  await restored.append(3);
  expect(await raiseTimeline(restored.owner, { ...order, above: 7, known })).toMatchObject({ timeline: 8, parent: 1, afterPosition: 3 });
  const history = await readLogHistory(restored.service);
  expect(history.forks.map(({ timeline }) => timeline)).toEqual([2, 3, 8]);
  const { id } = history.log;
  expect([1, 2, 3, 8].map((timeline) => isOfHistory(history, { id, timeline, position: 3 }))).toEqual([true, false, false, true]);
});

test('a timeline is above all that are known, also those that nobody has named, and of what is known twice the first is kept', async () => {
  await using live = await aLog();
  await live.append(1);
  for (let restores = 0; restores < 3; restores++) await raiseTimeline(live.owner, order);
  const { forks: known } = await readLogHistory(live.owner);

  await using restored = await aLog();
  const own = await raiseTimeline(restored.owner, { ...order, by: 'pat' });
  expect(await raiseTimeline(restored.owner, { ...order, known })).toMatchObject({ timeline: 5, parent: 2 });
  expect(await raiseTimeline(restored.owner, { ...order, above: 8 })).toMatchObject({ timeline: 9, parent: 5 });
  const between = known.slice(0, 1).map((fork) => ({ ...fork, timeline: 7 }));
  expect(await raiseTimeline(restored.owner, { ...order, known: between })).toMatchObject({ timeline: 10, parent: 9 });
  const { forks } = await readLogHistory(restored.service);
  expect(forks.map(({ timeline }) => timeline)).toEqual([2, 3, 4, 5, 7, 9, 10]);
  expect(forks.slice(0, 2)).toEqual([own, known[1]]);
});

test('what is being appended is waited for', async () => {
  await using given = await aLog();
  await given.append(2);
  const appending = await given.service.connect();
  await appending.query('begin');
  await appending.query(statement('timelines/lock_appends').text);
  const raising = raiseTimeline(given.owner, order);
  const first = await Promise.race([raising, new Promise((resolve) => setTimeout(() => resolve('waiting'), 200))]);
  await appending.query('commit');
  appending.release();
  expect([first, (await raising).afterPosition]).toEqual(['waiting', 2]);
});

test('appends go on in the new timeline, without a gap', async () => {
  await using given = await aLog();
  await given.append(3);
  await raiseTimeline(given.owner, order);
  expect(await given.append(1)).toMatchObject({ position: 4 });
});

test('a service cannot raise it', async () => {
  await using given = await aLog();
  await expect(raiseTimeline(given.service, order)).rejects.toMatchObject({ cause: { code: '42501' } });
  expect((await readLogHistory(given.service)).log.timeline).toBe(1);
});

async function aLog() {
  const database = await throwAwayDatabase('event_store', migrate);
  const store = new PostgresEventStore({ url: database.serviceUrl });
  const service = createPool({ url: database.serviceUrl, applicationName: 'test', max: 2 });
  const owner = createPool({ url: database.url, applicationName: 'test', max: 1 });
  const { log } = await store.head();
  return {
    id: log.id,
    service,
    owner,
    append: (count: number) =>
      store.append({
        streams: [
          { stream: `order-${crypto.randomUUID()}`, expectedVersion: 'noStream', events: Array(count).fill({ type: 'Placed', data: {} }) },
        ],
      }),
    async [Symbol.asyncDispose]() {
      await Promise.all([store.stop(), service.end(), owner.end()]);
      await database[Symbol.asyncDispose]();
    },
  };
}
