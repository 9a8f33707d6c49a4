import { randomUUID } from 'node:crypto';
import type { AppendRequest, StreamName } from '@kiroku/core';
import { eventStoreContract } from '@kiroku/testing';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { maintainEventStore } from '../partitions/maintain-event-store.ts';
import { smallPartitions } from '../partitions/small-partitions.test-log.ts';
import { PostgresEventStore } from './postgres-event-store.ts';

// The contract fills the first partitions within a few appends; the last takes what the long tests write.
eventStoreContract('PostgresEventStore over many partitions', async () => {
  const database = await smallPartitions({ size: 7, count: 40 });
  await onServer(database.url, async (client) => {
    await client.query('update kiroku.settings set event_partition_size = 1000000');
    await client.query('select kiroku.create_event_partition()');
  });
  const store = new PostgresEventStore({ url: database.serviceUrl, applicationName: 'kiroku-contract' });
  return Object.assign(store, {
    [Symbol.asyncDispose]: async () => {
      await store.stop();
      await database[Symbol.asyncDispose]();
    },
  });
});

describe('a log whose partitions are full', () => {
  test('refuses what does not fit, and nothing else of the batch', async () => {
    await using log = await smallPartitions({ size: 10, count: 1 });
    await using store = new PostgresEventStore({ url: log.serviceUrl });
    const settled = await Promise.allSettled([
      store.append(noting('note-1', 6)),
      store.append(noting('note-2', 6)),
      store.append(noting('note-3', 4)),
      store.append(noting('note-4', 1)),
      store.append({ ...noting('note-1', 0), idempotency: { commandId: randomUUID(), fingerprint: 'f' } }),
    ]);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled']);
    expect(settled[1]).toMatchObject({ reason: { code: 'PartitionMissing', retryable: true, details: { head: 6 } } });
    expect(await store.head()).toMatchObject({ position: 10 });
  });

  test('takes the same append after maintenance', async () => {
    await using log = await smallPartitions({ size: 10, count: 1 });
    await using store = new PostgresEventStore({ url: log.serviceUrl });
    const append: AppendRequest = { ...noting('note-1', 12), idempotency: { commandId: randomUUID(), fingerprint: 'f' } };
    await expect(store.append(append)).rejects.toMatchObject({ code: 'PartitionMissing' });
    await maintainEventStore({ url: log.maintenanceUrl });
    expect(await store.append(append)).toMatchObject({ position: 12, duplicate: false });
  });

  test('refuses command ids and chosen event ids where there is no partition for them, and nothing else', async () => {
    await using log = await smallPartitions({ size: 10, count: 1 });
    await onServer(log.url, async (client) => {
      await client.query('delete from kiroku.idempotency_partitions');
    });
    await using store = new PostgresEventStore({ url: log.serviceUrl });
    const settled = await Promise.allSettled([
      store.append({ ...noting('note-1', 1), idempotency: { commandId: randomUUID(), fingerprint: 'f' } }),
      store.append({
        streams: [{ stream: 'note-2', expectedVersion: 'any', events: [{ type: 'Noted', data: {}, id: randomUUID() }] }],
      }),
      store.append(noting('note-3', 1)),
    ]);
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
    expect(settled[0]).toMatchObject({ reason: { code: 'PartitionMissing' } });
  });
});

describe('a stream over many partitions', () => {
  // the append function looks for versions in another way from 40 partitions on
  test.each([4, 6])('is read from the partitions that hold it, and appended to by looking into its last: %i of them', async (count) => {
    await using log = await smallPartitions({ size: 10, count: 61 });
    await using filling = new PostgresEventStore({ url: log.serviceUrl });
    // note-1 has an event at the positions 1, 101, 201 …: in the partitions 1, 11, 21 …
    for (let n = 0; n < count; n++) {
      await filling.append(noting('note-1', 1));
      await filling.append(noting('note-2', 99));
    }
    await filling.stop();
    const partitions = Array.from({ length: count }, (_, n) => n * 10 + 1);
    await expectTouched(log.url, partitions, async () => {
      await using store = new PostgresEventStore({ url: log.serviceUrl });
      expect((await store.readStream('note-1')).map(({ position }) => position)).toEqual(partitions.map((n) => n * 10 - 9));
    });
    await expectTouched(log.url, partitions.slice(2), async () => {
      await using store = new PostgresEventStore({ url: log.serviceUrl });
      expect((await store.readStream('note-1', { fromVersion: 3 }))[0]).toMatchObject({ version: 3 });
    });
    await expectTouched(log.url, partitions.slice(0, 2), async () => {
      await using store = new PostgresEventStore({ url: log.serviceUrl });
      expect(await store.readStream('note-1', { fromVersion: 2, direction: 'backward' })).toHaveLength(2);
    });
    await expectTouched(log.url, [...partitions.slice(-1), count * 10], async () => {
      await using store = new PostgresEventStore({ url: log.serviceUrl });
      const streams = [
        { stream: 'note-1', expectedVersion: count, events: [] },
        { stream: 'note-2', expectedVersion: count * 99, events: [] },
      ] as const;
      expect(await store.append({ streams })).toMatchObject({ position: count * 100 });
    });
  });

  test('had the version it had, whatever partitions it has entered since', async () => {
    await using log = await smallPartitions({ size: 10, count: 4 });
    await using store = new PostgresEventStore({ url: log.serviceUrl });
    const chosen: AppendRequest = {
      streams: [{ stream: 'note-1', expectedVersion: 'any', events: [{ type: 'Noted', data: {}, id: randomUUID() }] }],
    };
    await store.append(noting('note-1', 4));
    const first = await store.append(chosen);
    await store.append(noting('note-1', 20));
    expect(await store.append(chosen)).toEqual({ ...first, duplicate: true });
    expect(first.streams).toEqual([{ stream: 'note-1', version: 5 }]);
  });

  test('of which many are appended to at once, each looks into its last partition alone', async () => {
    await using log = await smallPartitions({ size: 10, count: 12 });
    await using filling = new PostgresEventStore({ url: log.serviceUrl });
    for (let n = 0; n < 10; n++) await filling.append(noting(`note-${n}`, 10));
    await filling.stop();
    await expectTouched(log.url, [2, 4, 6, 8, 10], async () => {
      await using store = new PostgresEventStore({ url: log.serviceUrl });
      const streams = [1, 3, 5, 7, 9].map((n) => ({ stream: `note-${n}` as const, expectedVersion: 10, events: [] }));
      expect(await store.append({ streams })).toMatchObject({ position: 100 });
    });
  });
});

/** Which partitions of events the work looks into by stream. */
async function expectTouched(url: string, partitions: readonly number[], work: () => Promise<void>): Promise<void> {
  const before = await scansByPartition(url);
  await work();
  const after = await scansByPartition(url);
  const touched = [...after].flatMap(([number, scans]) => (scans > (before.get(number) ?? 0) ? number : []));
  expect(touched).toEqual(partitions);
}

async function scansByPartition(url: string): Promise<ReadonlyMap<number, number>> {
  const scans = new Map<number, number>();
  await onServer(url, async (client) => {
    const others = `select from pg_stat_activity where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()`;
    while ((await client.query(others)).rowCount !== 0) await new Promise((resolve) => setTimeout(resolve, 5)); // they report when they end
    const { rows } = await client.query<{ number: number; scans: string }>(
      `select p.number, coalesce(sum(s.idx_scan + t.seq_scan), 0) as scans
       from kiroku.event_partitions p
       join pg_stat_user_tables t on t.relname = 'events_' || p.number
       join pg_stat_user_indexes s on s.relid = t.relid
       group by p.number order by p.number`,
    );
    for (const row of rows) scans.set(row.number, Number(row.scans));
  });
  return scans;
}

function noting(stream: StreamName, count: number): AppendRequest {
  return { streams: [{ stream, expectedVersion: 'any', events: Array.from({ length: count }, () => ({ type: 'Noted', data: {} })) }] };
}

async function onServer(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
