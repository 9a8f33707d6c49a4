import { randomUUID } from 'node:crypto';
import type { StreamName } from '@kiroku/core';
import fc from 'fast-check';
import type { QueryResultRow } from 'pg';
import { expect, test } from 'vitest';
import { PostgresEventStore } from '../event-store/postgres-event-store.ts';
import { smallPartitions } from '../partitions/small-partitions.test-log.ts';
import { createPool, type Pool } from '../pool.ts';
import { commitHash, hashOfEmptyLog } from './commit-hash.ts';
import { eventDigest } from './event-digest.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((value) => !value.includes('\0'));
const json = fc.dictionary(text, fc.oneof(text, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean()));
const event = fc.record({
  type: fc.constantFrom('Noted', 'Größer', '注文'),
  schemaVersion: fc.integer({ min: 1, max: 2_147_483_647 }),
  data: json,
  metadata: json,
  tags: fc.uniqueArray(
    text.filter((tag) => tag.length > 0),
    { maxLength: 3 },
  ),
  ownId: fc.boolean(),
});
const appends = fc.array(fc.record({ stream: fc.integer({ min: 1, max: 5 }), events: fc.array(event, { maxLength: 4 }) }), {
  maxLength: 40,
});

test('the chain of whatever was appended can be recomputed from what is stored', async () => {
  await using log = await smallPartitions({ size: 10, count: 300 });
  await using store = new PostgresEventStore({ url: log.serviceUrl });
  const pool = createPool({ url: log.serviceUrl, applicationName: 'kiroku-tests', max: 1 });
  await fc.assert(
    fc.asyncProperty(appends, async (requests) => {
      await Promise.all(
        requests.map(({ stream, events }) =>
          store.append({
            streams: [
              {
                stream: `note-ø${stream}` satisfies StreamName,
                expectedVersion: 'any',
                events: events.map(({ ownId, ...rest }) => ({ ...rest, ...(ownId && { id: randomUUID() }) })),
              },
            ],
          }),
        ),
      );
      await expectChain(pool);
    }),
    { numRuns: 15 },
  );
  await pool.end();
});

async function expectChain(pool: Pool): Promise<void> {
  const [{ id }] = (await rows(pool, 'select id from kiroku.log')) as [{ readonly id: string }]; // it has one row
  const events = await rows<EventRow>(
    pool,
    'select position, version, digest, id, stream, type, schema_version, tags, data::text, metadata::text from kiroku.events order by position',
  );
  for (const stored of events) expect(stored.digest).toEqual(eventDigest({ ...stored, schemaVersion: stored.schema_version }));
  let previous = hashOfEmptyLog(id);
  for (const commit of await rows<CommitRow>(pool, 'select * from kiroku.commits order by last_position')) {
    const chained = events.slice(commit.first_position - 1, commit.last_position);
    previous = commitHash(previous, { recordedAt: commit.recorded_at, events: chained });
    expect(commit.hash).toEqual(previous);
  }
}

interface EventRow {
  readonly position: number;
  readonly version: number;
  readonly digest: Buffer;
  readonly id: string;
  readonly stream: string;
  readonly type: string;
  readonly schema_version: number;
  readonly tags: readonly string[];
  readonly data: string;
  readonly metadata: string;
}

interface CommitRow {
  readonly first_position: number;
  readonly last_position: number;
  readonly recorded_at: string;
  readonly hash: Buffer;
}

async function rows<R extends QueryResultRow>(pool: Pool, sql: string): Promise<readonly R[]> {
  return (await pool.query<R>(sql)).rows;
}
