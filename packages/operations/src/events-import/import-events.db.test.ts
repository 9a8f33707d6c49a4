import { Readable } from 'node:stream';
import type { StreamName } from '@kiroku/core';
import { createPool, findEventsAt, findKnownIds, migrate, PostgresEventStore } from '@kiroku/postgres';
import { throwAwayDatabase } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { exportEvents } from '../events-export/export-events.ts';
import { importEvents } from './import-events.ts';

async function open() {
  const database = await throwAwayDatabase('event_store', migrate);
  const pool = createPool({ url: database.serviceUrl, applicationName: 'kiroku-tests', max: 2 });
  const store = new PostgresEventStore({ pool });
  return {
    store,
    pool,
    target: {
      store,
      findEventsAt: (places: readonly { stream: string; version: number }[]) => findEventsAt(pool, places),
      findKnownIds: (ids: readonly string[]) => findKnownIds(pool, ids),
    },
    [Symbol.asyncDispose]: async () => {
      await store.stop();
      await pool.end();
      await database[Symbol.asyncDispose]();
    },
  };
}

type Log = Awaited<ReturnType<typeof open>>;

async function fill({ store }: Log, count: number): Promise<void> {
  const append = (n: number) =>
    store.append({
      streams: [
        {
          stream: `order-${n % 13}` as StreamName,
          expectedVersion: 'any',
          events: [{ type: 'Moved', data: { n, to: 'Łódź' }, tags: [`n:${n}`] }],
        },
      ],
    });
  await Promise.all(Array.from({ length: count }, (_, n) => append(n)));
}

async function exported({ store }: Log, toPosition?: number): Promise<string> {
  let text = '';
  await exportEvents(store, {
    write: async (lines) => {
      text += lines;
    },
    ...(toPosition !== undefined && { toPosition }),
  });
  return text;
}

const importText = (log: Log, text: string) =>
  importEvents(log.target, { open: () => Readable.from([Buffer.from(text)]), rereadable: true });

const contents = async ({ store }: Log) =>
  (await store.readLog({ pageSize: 10_000 })).events.map(({ position, id, stream, version, data, tags }) => ({
    position,
    id,
    stream,
    version,
    data,
    tags,
  }));

test('a log comes out of its export as it was, in few commits, and an import that is repeated adds nothing', async () => {
  await using from = await open();
  await using to = await open();
  await fill(from, 2_500);
  const text = await exported(from);
  expect(await importText(to, await exported(from, 1_700))).toMatchObject({ imported: 1_700 });
  expect(await importText(to, text)).toMatchObject({ events: 2_500, imported: 800, alreadyThere: 1_700, lastPosition: 2_500 });
  expect(await importText(to, text)).toMatchObject({ imported: 0, alreadyThere: 2_500 });
  expect(await contents(to)).toEqual(await contents(from));
  const commits = await to.pool.query('select from kiroku.commits');
  expect(commits.rowCount).toBeLessThanOrEqual(12); // at most two for each page of 500
});

test('an id that stands elsewhere in the log is refused, and its line named', async () => {
  await using log = await open();
  await fill(log, 3);
  const text = (await exported(log)).replaceAll('order-', 'other-');
  const refused = importEvents(log.target, { open: () => Readable.from([Buffer.from(text)]), rereadable: true, append: true });
  await expect(refused).rejects.toMatchObject({ code: 'ImportRefused', details: { line: 1 } });
  expect(await contents(log)).toHaveLength(3);
});
