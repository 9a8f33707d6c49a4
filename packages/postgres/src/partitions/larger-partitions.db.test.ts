import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { streamName } from '@kiroku/core';
import { type ThrowAwayDatabase, throwAwayDatabase } from '@kiroku/testing';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { PostgresEventStore } from '../event-store/postgres-event-store.ts';
import { migrate } from '../migrate/migrate.ts';
import { maintainEventStore } from './maintain-event-store.ts';

const migrations = fileURLToPath(new URL('../../migrations/event_store', import.meta.url));
const large = 32_000_000;

describe('partitions of events', () => {
  test('hold 32 million in a new log', async () => {
    await using log = await throwAwayDatabase('event_store', migrate);
    expect(await sizes(log)).toEqual([large, large, large]);
  });

  test('of a log that has events stay as they are, and get large ones after them', async () => {
    await using log = await earlier();
    await note(log, 1);
    await migrate({ database: 'event_store', url: log.url });
    expect(await sizes(log)).toEqual([2_000_000, 2_000_000, 2_000_000]);
    await run(log, 'update kiroku.settings set event_partitions_ahead = 3');
    await maintainEventStore({ url: log.maintenanceUrl });
    expect(await sizes(log)).toEqual([2_000_000, 2_000_000, 2_000_000, large]);
    await note(log, 2);
  });

  test('have the size that somebody chose', async () => {
    await using log = await earlier();
    await run(log, 'update kiroku.settings set event_partition_size = 500');
    await migrate({ database: 'event_store', url: log.url });
    expect(await run(log, 'select event_partition_size::integer as size from kiroku.settings')).toEqual([{ size: 500 }]);
    expect(await sizes(log)).toEqual([2_000_000, 2_000_000, 2_000_000]);
  });
});

/** A log at the migration before. */
async function earlier(): Promise<ThrowAwayDatabase> {
  const directory = await mkdtemp(join(tmpdir(), 'kiroku-migrations-'));
  for (const file of await readdir(migrations)) if (file < '0008') await cp(join(migrations, file), join(directory, 'event_store', file));
  const database = await throwAwayDatabase('event_store', (options) => migrate({ ...options, directory }), {
    template: 'event_store_before_8',
  });
  await rm(directory, { recursive: true });
  return database;
}

async function note(log: ThrowAwayDatabase, position: number): Promise<void> {
  await using store = new PostgresEventStore({ url: log.serviceUrl });
  const stream = { stream: streamName('note', '1'), expectedVersion: 'any', events: [{ type: 'Noted', data: {} }] } as const;
  const beside = { stream: streamName('note', '2'), expectedVersion: 'any', events: [] } as const; // so that it is no lone append: those came later
  expect(await store.append({ streams: [stream, beside] })).toMatchObject({ position });
}

async function sizes(log: ThrowAwayDatabase): Promise<readonly unknown[]> {
  const rows = await run(log, 'select (last_position - first_position + 1)::integer as size from kiroku.event_partitions order by number');
  return rows.map(({ size }) => size);
}

async function run(log: ThrowAwayDatabase, sql: string): Promise<readonly { readonly size: number }[]> {
  const client = new pg.Client({ connectionString: log.url });
  await client.connect();
  const { rows } = await client.query<{ size: number }>(sql);
  await client.end();
  return rows;
}
