import type { AppendRequest, AppendResult, EventStore, ExpectedVersion, StreamName } from '@kiroku/core';
import type { ThrowAwayDatabase } from '@kiroku/testing';
import fc from 'fast-check';
import pg from 'pg';
import { expect, test } from 'vitest';
import { PostgresEventStore } from '../event-store/postgres-event-store.ts';
import { smallPartitions } from '../partitions/small-partitions.test-log.ts';
import { createPool } from '../pool.ts';
import { verificationRange } from '../verify/verification-range.ts';
import { verifyLog } from '../verify/verify-log.ts';

const logShape = { size: 7, count: 6 };

test('one event appended alone is judged and stored as it would be among others', async () => {
  await using alone = await smallPartitions(logShape);
  await using among = await smallPartitions(logShape);
  await using first = new PostgresEventStore({ url: alone.serviceUrl });
  await using second = new PostgresEventStore({ url: among.serviceUrl });
  for (const request of requests) expect(await outcomeOf(first, request)).toEqual(await outcomeAmongOthers(second, request));
  expect(await stored(alone)).toEqual(await stored(among));
  expect(await findings(alone)).toEqual([]);
});

// The same in every run: they fill the log, and what comes after finds no partition.
const requests = fc.sample(
  fc
    .record({
      stream: fc.constantFrom<StreamName>('order-1', 'order-"2"\\', 'payment-3'),
      expectedVersion: fc.oneof(fc.constantFrom<ExpectedVersion>('any', 'exists', 'noStream'), fc.integer({ min: 1, max: 20 })),
      tags: fc.constantFrom([], ['customer:1'], ['b', 'a,"\\', '{}']),
      schemaVersion: fc.constantFrom(1, 3),
      command: fc.option(fc.integer({ min: 1, max: 25 })),
      note: fc.string(),
    })
    .map(({ stream, expectedVersion, tags, schemaVersion, command, note }): AppendRequest => {
      const event = { type: 'Noted', data: { note, quoted: 'a "b"\\' }, tags, schemaVersion, metadata: { actor: 'ada' } };
      const commandId = `00000000-0000-4000-8000-${String(command).padStart(12, '0')}`;
      return {
        streams: [{ stream, expectedVersion, events: [event] }],
        ...(command !== null && { idempotency: { commandId, fingerprint: 'f' } }),
      };
    }),
  { numRuns: 150, seed: 20 },
);

/** Together with one that stores nothing, so that they go as two. */
async function outcomeAmongOthers(store: EventStore, request: AppendRequest): Promise<unknown> {
  const nothing: AppendRequest = { streams: [{ stream: 'nothing-1', expectedVersion: 'any', events: [] }] };
  const [outcome] = await Promise.all([outcomeOf(store, request), store.append(nothing)]);
  return outcome;
}

async function outcomeOf(store: EventStore, request: AppendRequest): Promise<AppendResult | { readonly code: string }> {
  return store.append(request).catch(({ code, message, details }) => ({ code, message, details }));
}

async function stored({ url }: ThrowAwayDatabase): Promise<readonly (readonly unknown[])[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const tables: unknown[][] = [];
  for (const sql of contents) tables.push((await client.query(sql)).rows);
  await client.end();
  expect(tables.every((rows) => rows.length > 5)).toBe(true);
  return tables;
}

const contents = [
  'select position, version, schema_version, stream, type, tags, data::text, metadata::text from kiroku.events order by position',
  'select * from kiroku.streams order by stream, partition',
  'select * from kiroku.event_tags order by tag, position',
  'select command_id, fingerprint, result::text from kiroku.idempotency_keys order by command_id',
  'select first_position, last_position from kiroku.commits order by last_position',
];

async function findings({ serviceUrl }: ThrowAwayDatabase): Promise<readonly unknown[]> {
  const pool = createPool({ url: serviceUrl, applicationName: 'kiroku-tests', max: 2 });
  const found: unknown[] = [];
  for await (const page of verifyLog(pool, { ...(await verificationRange(pool, {})), deep: true })) found.push(...page.findings);
  await pool.end();
  return found;
}
