// The whole log through the public subscription, against COPY of the same rows out of the same table.
import { randomUUID } from 'node:crypto';
import { type NewEvent, streamName } from '@kiroku/core';
import { migrate, PostgresEventStore } from '@kiroku/postgres';
import pg from 'pg';
import { orderPlaced } from './order-event.ts';
import { startServer } from './server.ts';

const events = Number(process.env.BENCH_EVENTS ?? 1_000_000);
const rounds = 3;
const streams = 1_000;

await using server = await startServer();
const url = await server.createDatabase('kiroku_bench');
await migrate({ database: 'event_store', url });
await using store = new PostgresEventStore({ url });

await fill();
const read: number[] = [];
const copied: number[] = [];
for (let round = 0; round < rounds; round++) {
  copied.push(await rate(copyOut));
  read.push(await rate(subscribeToAll));
}
const [ours, limit] = [middle(read), middle(copied)];
console.log(`Node ${process.version}, PostgreSQL ${server.version}: ${events.toLocaleString('en')} events, median of ${rounds}`);
console.log(
  `subscription ${ours.toLocaleString('en')} events/s, COPY out ${limit.toLocaleString('en')} rows/s, ratio ${(ours / limit).toFixed(2)}`,
);

async function fill(): Promise<void> {
  const batch = 500;
  for (let done = 0; done < events; done += batch * 8) {
    await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        store.append({
          streams: [
            {
              stream: streamName('order', `${(done / batch + n) % streams}-${randomUUID()}`),
              expectedVersion: 'any',
              events: Array.from({ length: batch }, (): NewEvent => orderPlaced()),
            },
          ],
        }),
      ),
    );
  }
}

async function subscribeToAll(): Promise<number> {
  const ending = new AbortController();
  const { position: head } = await store.head();
  let seen = 0;
  for await (const page of store.subscribe({ signal: ending.signal, pageSize: 2_000 })) {
    seen += page.events.length;
    if (page.position >= head) ending.abort();
  }
  return seen;
}

async function copyOut(): Promise<number> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const { rowCount } = await client.query(`copy (select * from kiroku.events order by position) to '/dev/null' (format binary)`);
    return rowCount ?? 0;
  } finally {
    await client.end();
  }
}

async function rate(work: () => Promise<number>): Promise<number> {
  const started = performance.now();
  const done = await work();
  return Math.round(done / ((performance.now() - started) / 1_000));
}

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
