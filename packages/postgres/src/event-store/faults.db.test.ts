import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type AppendRequest, type AppendResult, isKirokuError, type RecordedEvent } from '@kiroku/core';
import { throwAwayDatabase } from '@kiroku/testing';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { migrate } from '../migrate/migrate.ts';
import { PostgresEventStore } from './postgres-event-store.ts';

describe('two stores on one log', () => {
  test('append at once without a gap, and the subscribers of both see the same order', async () => {
    await using database = await throwAwayDatabase('event_store', migrate);
    await using one = new PostgresEventStore({ url: database.serviceUrl });
    await using two = new PostgresEventStore({ url: database.serviceUrl });
    const seen = Promise.all([follow(one, 1_200), follow(two, 1_200)]);
    const appends = [one, two].flatMap((store, which) => range(12).map((writer) => writeStreams(store, `${which}_${writer}`, 50)));
    const results = (await Promise.all(appends)).flat();
    expect(results.map(({ position }) => position).sort((a, b) => a - b)).toEqual(range(1_200).map((n) => n + 1));
    const [first, second] = await seen;
    expect(first).toEqual(second);
    expect(first?.map(({ position }) => position)).toEqual(range(1_200).map((n) => n + 1));
  });

  test('let exactly one win what both want', async () => {
    await using database = await throwAwayDatabase('event_store', migrate);
    await using one = new PostgresEventStore({ url: database.serviceUrl });
    await using two = new PostgresEventStore({ url: database.serviceUrl });
    await Promise.all([one.head(), two.head()]);
    const races = range(100).map((n) => {
      const request: AppendRequest = {
        streams: [{ stream: `seat-${n}`, expectedVersion: 'any', events: [{ type: 'Taken', data: {}, tags: [`seat:${n}`] }] }],
        conditions: [{ query: [{ tags: [`seat:${n}`] }], after: 0 }],
      };
      return Promise.allSettled([one.append(request), two.append(request)]);
    });
    const winners = (await Promise.all(races)).map((race) => race.filter(({ status }) => status === 'fulfilled').length);
    expect(winners).toEqual(range(100).map(() => 1));
  });
});

describe('a store whose connections are killed', () => {
  test('has every acknowledged append once, and its subscribers see all of the log', async () => {
    await using database = await throwAwayDatabase('event_store', migrate);
    await using store = new PostgresEventStore({ url: database.serviceUrl, applicationName: 'kiroku-killed' });
    const killing = new AbortController();
    let killed = 0;
    const killer = killConnections(database.url, 'kiroku-killed', { signal: killing.signal, onKilled: (count) => (killed += count) });
    const stopFollowing = new AbortController();
    const seen: RecordedEvent[] = [];
    const following = (async () => {
      for await (const { events } of store.subscribe({ pageSize: 7, signal: stopFollowing.signal })) seen.push(...events);
    })();
    // each goes on until it has been disturbed, however slow the killer is
    const isEnough = (count: number) => count >= 60 && killed > 5;
    const acknowledged = (await Promise.all(range(16).map((writer) => appendWithRetries(store, writer, isEnough)))).flat();
    killing.abort();
    await killer;
    const { position } = await store.head();
    while ((seen.at(-1)?.position ?? 0) < position) await delay(20);
    stopFollowing.abort();
    await following;
    expect(position).toBe(acknowledged.length);
    expect(seen.map((event) => event.position)).toEqual(range(position).map((n) => n + 1));
    expect(new Set(seen.map(({ metadata }) => metadata.commandId))).toEqual(new Set(acknowledged));
  });

  test('hears of appends again once the listening connection is back', async () => {
    await using database = await throwAwayDatabase('event_store', migrate);
    await using store = new PostgresEventStore({ url: database.serviceUrl, applicationName: 'kiroku-listener' });
    await using other = new PostgresEventStore({ url: database.serviceUrl });
    const seen = follow(store, 3);
    await writeStreams(other, 'a', 1);
    await delay(200);
    await onServer(database.url, (client) => client.query(killAll, ['kiroku-listener']));
    await writeStreams(other, 'b', 1);
    await delay(500);
    await writeStreams(other, 'c', 1);
    expect((await seen).map(({ stream }) => stream)).toEqual(['run-a', 'run-b', 'run-c']);
  });
});

describe('a transaction that idles in the database', () => {
  test('keeps nothing from subscribers', async () => {
    await using database = await throwAwayDatabase('event_store', migrate);
    await using store = new PostgresEventStore({ url: database.serviceUrl });
    await onServer(database.url, async (idle) => {
      await idle.query('begin isolation level repeatable read');
      await idle.query('create table kiroku.unfinished as select count(*) from kiroku.events'); // has a snapshot and a transaction id
      const seen = follow(store, 10);
      await writeStreams(store, 'a', 10);
      expect((await seen).map(({ position }) => position)).toEqual(range(10).map((n) => n + 1));
      await idle.query('rollback');
    });
  });
});

test('a clock of the database that went back changes neither the order nor the times of what is recorded', async () => {
  await using database = await throwAwayDatabase('event_store', migrate);
  await using store = new PostgresEventStore({ url: database.serviceUrl });
  await writeStreams(store, 'before', 1);
  // as if it had been recorded in another year
  await onServer(database.url, (client) => client.query(`update kiroku.commits set recorded_at = '2099-01-01T00:00Z'`));
  await writeStreams(store, 'after', 1);
  const [, after] = await follow(store, 2);
  expect(after).toMatchObject({ position: 2, recordedAt: '2099-01-01T00:00:00.000000Z' });
});

const killAll = 'select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1 and datname = current_database()';

interface Killing {
  readonly signal: AbortSignal;
  /** Told of how many were killed. */
  readonly onKilled: (count: number) => void;
}

async function killConnections(url: string, applicationName: string, { signal, onKilled }: Killing): Promise<void> {
  await onServer(url, async (client) => {
    for (let times = 0; times < 30 && !signal.aborted; times++) {
      onKilled((await client.query(killAll, [applicationName])).rowCount ?? 0);
      await delay(30 + Math.random() * 40);
    }
  });
}

/** Appends one after the other, each repeated with its command id until it is acknowledged. */
async function appendWithRetries(
  store: PostgresEventStore,
  writer: number,
  isEnough: (count: number) => boolean,
): Promise<readonly string[]> {
  const acknowledged: string[] = [];
  while (!isEnough(acknowledged.length)) {
    const commandId = randomUUID();
    const request: AppendRequest = {
      streams: [
        {
          stream: `run-${writer}`,
          expectedVersion: acknowledged.length,
          events: [{ type: 'Counted', data: {}, metadata: { commandId } }],
        },
      ],
      idempotency: { commandId, fingerprint: 'count' },
    };
    await untilAcknowledged(store, request);
    acknowledged.push(commandId);
    await delay(2);
  }
  return acknowledged;
}

async function untilAcknowledged(store: PostgresEventStore, request: AppendRequest): Promise<void> {
  for (;;) {
    try {
      await store.append(request);
      return;
    } catch (error) {
      if (!isKirokuError(error, 'DatabaseUnavailable')) throw error;
    }
  }
}

async function writeStreams(store: PostgresEventStore, run: string, count: number): Promise<readonly AppendResult[]> {
  const results: AppendResult[] = [];
  for (let version = 0; version < count; version++) {
    results.push(
      await store.append({
        streams: [{ stream: `run-${run}`, expectedVersion: version, events: [{ type: 'Counted', data: { version } }] }],
      }),
    );
  }
  return results;
}

async function follow(store: PostgresEventStore, until: number): Promise<readonly RecordedEvent[]> {
  const seen: RecordedEvent[] = [];
  for await (const { events, position } of store.subscribe({ pageSize: 100 })) {
    seen.push(...events);
    if (position >= until) break;
  }
  return seen;
}

async function onServer(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, n) => n);
}
