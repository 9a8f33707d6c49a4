import type { AppendRequest, StreamName } from '@kiroku/core';
import { type ThrowAwayDatabase, throwAwayDatabase } from '@kiroku/testing';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { commitHash, hashOfEmptyLog } from '../chain/commit-hash.ts';
import { eventDigest } from '../chain/event-digest.ts';
import { PostgresEventStore } from '../event-store/postgres-event-store.ts';
import { migrate } from '../migrate/migrate.ts';
import { smallPartitions } from '../partitions/small-partitions.test-log.ts';
import { createPool, type Pool } from '../pool.ts';
import { raiseTimeline } from '../timelines/raise-timeline.ts';
import { findStrayEvents, readChainHead } from './chain-head.ts';
import { compareWithHeads } from './compare-with-heads.ts';
import type { Finding } from './finding.ts';
import { verificationRange } from './verification-range.ts';
import { verifyLog } from './verify-log.ts';

/** A log of 12 events: commits of 3 events in 3 streams, `order-0` to `order-2`. Position 5 is version 2 of `order-1`. */
class TamperedLog implements AsyncDisposable {
  readonly #database: ThrowAwayDatabase;
  readonly pool: Pool;
  readonly #superuser: pg.Client;

  static async make(): Promise<TamperedLog> {
    const database = await smallPartitions({ size: 5, count: 6 });
    await using store = new PostgresEventStore({ url: database.serviceUrl });
    for (let n = 0; n < 4; n++) await store.append(requestOf(n));
    const superuser = new pg.Client({ connectionString: database.url });
    await superuser.connect();
    return new TamperedLog(database, superuser);
  }

  private constructor(database: ThrowAwayDatabase, superuser: pg.Client) {
    this.#database = database;
    this.#superuser = superuser;
    this.pool = createPool({ url: database.serviceUrl, applicationName: 'kiroku-tests', max: 2 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pool.end();
    await this.#superuser.end();
    await this.#database[Symbol.asyncDispose]();
  }

  get url(): string {
    return this.#database.serviceUrl;
  }

  async restore(): Promise<void> {
    const owner = createPool({ url: this.#database.url, applicationName: 'kiroku-tests', max: 1 });
    await raiseTimeline(owner, { backup: '20261127T221846Z-3f9a', by: 'kim' });
    await owner.end();
  }

  tamper(sql: string, values: readonly unknown[] = []): Promise<pg.QueryResult> {
    return this.#superuser.query(sql, [...values]);
  }
}

function requestOf(n: number): AppendRequest {
  const event = (s: number) => ({ type: 'Moved', data: { n, to: 'Łódź' }, tags: [`place:${s}`, '"q"'], metadata: { actor: 'ada' } });
  return { streams: [0, 1, 2].map((s) => ({ stream: `order-${s}` as StreamName, expectedVersion: n, events: [event(s)] })) };
}

async function verify(
  pool: Pool,
  { deep = true, from, to, pageSize = 4 }: { deep?: boolean; from?: number; to?: number; pageSize?: number } = {},
) {
  const range = await verificationRange(pool, { from, to });
  const found: Finding[] = [];
  for await (const { findings } of verifyLog(pool, { ...range, deep, pageSize })) found.push(...findings);
  return [...found, ...(await findStrayEvents(pool))].map(
    ({ kind, position, lastPosition = position }) => `${kind} ${position}-${lastPosition}`,
  );
}

describe('a log that is whole', () => {
  test('has no findings, whatever part of it is verified in whatever pages', async () => {
    await using log = await TamperedLog.make();
    for (const deep of [false, true]) {
      for (const pageSize of [1, 4, 100]) {
        for (let from = 1; from <= 12; from++) expect(await verify(log.pool, { deep, pageSize, from, to: from + 2 })).toEqual([]);
        expect(await verify(log.pool, { deep, pageSize })).toEqual([]);
      }
    }
  });

  test('that is empty has none either', async () => {
    await using database = await throwAwayDatabase('event_store', migrate);
    const pool = createPool({ url: database.serviceUrl, applicationName: 'kiroku-tests', max: 2 });
    expect(await verify(pool)).toEqual([]);
    await pool.end();
  });

  test('is verified while it grows, up to the head as of the start', async () => {
    await using log = await TamperedLog.make();
    await using store = new PostgresEventStore({ url: log.url });
    const range = await verificationRange(log.pool, {});
    for (let n = 4; n < 8; n++) await store.append(requestOf(n));
    const pages: number[] = [];
    for await (const { position, findings } of verifyLog(log.pool, { ...range, deep: true, pageSize: 5 })) {
      expect(findings).toEqual([]);
      pages.push(position);
    }
    expect(pages).toEqual([3, 6, 9, 12]);
    expect(await findStrayEvents(log.pool)).toEqual([]);
  });

  test('widens a range to whole commits, and refuses one beyond the head', async () => {
    await using log = await TamperedLog.make();
    expect(await verificationRange(log.pool, { from: 5, to: 7 })).toEqual({ after: 3, until: 9, toHead: false });
    await expect(verificationRange(log.pool, { from: 13 })).rejects.toMatchObject({ code: 'BadRequest' });
  });
});

describe('what a superuser did to the log is found by a deep verification', () => {
  test.each<readonly [what: string, sql: string, findings: readonly string[]]>([
    ['altered data', `update kiroku.events set data = '{"n":9}' where position = 5`, ['EventAltered 5-5']],
    ['altered metadata', `update kiroku.events set metadata = '{}' where position = 5`, ['EventAltered 5-5']],
    ['an altered type', `update kiroku.events set type = 'Stayed' where position = 5`, ['EventAltered 5-5']],
    ['an altered schema version', `update kiroku.events set schema_version = 2 where position = 5`, ['EventAltered 5-5']],
    ['an altered id', `update kiroku.events set id = gen_random_uuid() where position = 5`, ['EventAltered 5-5']],
    ['an altered digest', `update kiroku.events set digest = sha256('x') where position = 5`, ['EventAltered 5-5', 'CommitAltered 4-6']],
    ['an altered time', `update kiroku.events set recorded_at = recorded_at + interval '1 us' where position = 5`, ['EventTimeWrong 5-5']],
    ['removed tags', `update kiroku.events set tags = '{}' where position = 5`, ['EventAltered 5-5']],
    ['reordered tags', `update kiroku.events set tags = array[tags[2], tags[1]] where position = 5`, ['EventAltered 5-5']],
    ['tags that conditions no longer see', `delete from kiroku.event_tags where position = 5 and tag like 'place%'`, ['TagMissing 5-5']],
    ['another stream', `update kiroku.events set stream = 'order-9' where position = 11`, ['VersionWrong 11-11', 'EventAltered 11-11']],
    [
      'another version',
      `update kiroku.events set version = 9 where position = 5`,
      ['CommitAltered 4-6', 'VersionWrong 5-5', 'VersionWrong 8-8', 'VersionWrong 11-11'],
    ],
    ['a removed event', `delete from kiroku.events where position = 5`, ['EventMissing 5-5', 'VersionWrong 8-8']],
    ['a removed tail of events', `delete from kiroku.events where position > 7`, ['EventMissing 8-12']],
    [
      'swapped events',
      `update kiroku.events set position = case position when 19 then 7 else 5 end where position in (7, 19)`,
      ['CommitAltered 4-6', 'EventTimeWrong 5-5', 'TagMissing 5-5', 'CommitAltered 7-9', 'EventTimeWrong 7-7', 'TagMissing 7-7'],
    ],
    [
      'swapped events of a stream',
      `update kiroku.events set position = case position when 19 then 8 else 5 end where position in (8, 19)`,
      ['CommitAltered 4-6', 'EventTimeWrong 5-5', 'VersionWrong 5-5', 'CommitAltered 7-9', 'EventTimeWrong 8-8', 'VersionWrong 8-8'],
    ],
    ['a removed commit', `delete from kiroku.commits where first_position = 4`, ['CommitMissing 4-6']],
    [
      'an altered time of a commit',
      `update kiroku.commits set recorded_at = recorded_at + interval '1 us' where first_position = 10`,
      ['CommitAltered 10-12', 'EventTimeWrong 10-10', 'EventTimeWrong 11-11', 'EventTimeWrong 12-12'],
    ],
    [
      'a removed tail of commits',
      `delete from kiroku.commits where first_position = 10`,
      ['EventBeyondHead 10-10', 'EventBeyondHead 11-11', 'EventBeyondHead 12-12'],
    ],
    [
      'a forged event',
      `insert into kiroku.events select 13, recorded_at, 9, schema_version, gen_random_uuid(), stream, type, tags, digest, data, metadata
       from kiroku.events where position = 12`,
      ['EventBeyondHead 13-13'],
    ],
    [
      'a forged event with a commit',
      `with forged as (
         insert into kiroku.events (position, recorded_at, version, schema_version, id, stream, type, tags, digest, data, metadata)
         select 13, recorded_at, 5, schema_version, id, stream, type, '{}', digest, data, metadata from kiroku.events where position = 12
       )
       insert into kiroku.commits (first_position, last_position, recorded_at, hash)
       select 13, 13, recorded_at, hash from kiroku.commits where last_position = 12`,
      ['EventAltered 13-13', 'CommitAltered 13-13'],
    ],
    ['removed events', 'truncate kiroku.events', ['EventMissing 1-12']],
  ])('%s', async (_what, sql, findings) => {
    await using log = await TamperedLog.make();
    if (sql.includes('19')) await log.tamper('update kiroku.events set position = 19 where position = 5');
    await log.tamper(sql);
    expect((await verify(log.pool, { pageSize: 100 })).toSorted()).toEqual(findings.toSorted());
  });
});

test('a verification that is not deep finds what is missing, forged or out of order', async () => {
  await using log = await TamperedLog.make();
  await log.tamper('delete from kiroku.events where position = 5');
  await log.tamper('update kiroku.events set version = 7 where position = 12');
  expect(await verify(log.pool, { deep: false })).toEqual(['EventMissing 5-5', 'VersionWrong 8-8', 'VersionWrong 12-12']);
});

describe('an exported head', () => {
  test('is what the log still has while it grows', async () => {
    await using log = await TamperedLog.make();
    const heads = [await readChainHead(log.pool)];
    await using store = new PostgresEventStore({ url: log.url });
    await store.append(requestOf(4));
    heads.push(await readChainHead(log.pool));
    expect(heads.map(({ position }) => position)).toEqual([12, 15]);
    expect((await compareWithHeads(log.pool, heads)).findings).toEqual([]);
  });

  test('shows that the tail was cut off with its commits', async () => {
    await using log = await TamperedLog.make();
    const head = await readChainHead(log.pool);
    await log.tamper('delete from kiroku.events where position > 9');
    await log.tamper('delete from kiroku.commits where last_position > 9');
    expect(await verify(log.pool)).toEqual([]);
    expect((await compareWithHeads(log.pool, [head])).findings).toMatchObject([{ kind: 'TailCut', position: 10, lastPosition: 12 }]);
    await log.tamper('truncate kiroku.events, kiroku.commits');
    expect(await verify(log.pool)).toEqual([]);
    expect((await compareWithHeads(log.pool, [head])).findings).toMatchObject([{ kind: 'TailCut', position: 1, lastPosition: 12 }]);
  });

  test('shows that the history was rewritten with all its digests and hashes', async () => {
    await using log = await TamperedLog.make();
    const head = await readChainHead(log.pool);
    await rewrite(log);
    expect(await verify(log.pool)).toEqual([]);
    expect((await compareWithHeads(log.pool, [head])).findings).toMatchObject([{ kind: 'ChainRewritten', position: 12 }]);
  });

  test('is not compared with another log, nor with an earlier timeline', async () => {
    await using log = await TamperedLog.make();
    const head = await readChainHead(log.pool);
    const other = { ...head, log: '0193a1b2-0000-7000-8000-00000000000a' };
    const { findings } = await compareWithHeads(log.pool, [other, { ...head, timeline: 2 }]);
    expect(findings).toMatchObject([{ kind: 'OtherLog' }, { kind: 'OtherLog' }]);
  });

  test('of an earlier timeline is compared if the restore kept what it covers, and named if not', async () => {
    await using log = await TamperedLog.make();
    const head = await readChainHead(log.pool);
    await log.restore();
    expect(await compareWithHeads(log.pool, [head])).toEqual({ findings: [], leftHeads: [] });
    expect((await compareWithHeads(log.pool, [{ ...head, hash: '00'.repeat(32) }])).findings).toMatchObject([{ kind: 'ChainRewritten' }]);
    const leftHeads = [{ timeline: 1, position: 15, leftAt: 12 }];
    expect(await compareWithHeads(log.pool, [{ ...head, position: 15 }])).toEqual({ findings: [], leftHeads });
  });
});

/** What somebody could do who knows the layout: alter an event, and then every digest and hash from there on. */
async function rewrite(log: TamperedLog): Promise<void> {
  await log.tamper(`update kiroku.events set data = '{"n":9}' where position = 5`);
  const events = (
    await log.pool.query(
      `select position, version, id, stream, type, schema_version as "schemaVersion", tags, data::text as data, metadata::text as metadata
       from kiroku.events order by position`,
    )
  ).rows.map((row) => ({ ...row, digest: eventDigest(row) }));
  for (const { position, digest } of events)
    await log.tamper('update kiroku.events set digest = $2 where position = $1', [position, digest]);
  let hash = hashOfEmptyLog((await readChainHead(log.pool)).log);
  const commits = await log.pool.query<{ first: number; last: number; at: string }>(
    'select first_position as first, last_position as last, recorded_at as at from kiroku.commits order by last_position',
  );
  for (const { first, last, at } of commits.rows) {
    hash = commitHash(hash, { recordedAt: at, events: events.slice(first - 1, last) });
    await log.tamper('update kiroku.commits set hash = $2 where last_position = $1', [last, hash]);
  }
}
