// Does an append cost the same in a large log? Half of the appends go to existing streams, each equally likely, half to new ones, with ids that are
// ordered by time as the shop's are; both logs on the same server, alternating rounds that alternate in order, the median. FLAT_EVENTS sets the size of the large
// log; FLAT_WARM_UP for how many seconds it is appended to before: its pages are on disk, and the first change of each after a checkpoint is
// written whole.
import { streamName } from '@kiroku/core';
import { PostgresEventStore } from '@kiroku/postgres';
import pg from 'pg';
import { v7 as uuid } from 'uuid';
import { costOf } from './append-cost.ts';
import { type FilledLog, fillLog } from './filled-log.ts';
import { type Load, load, median } from './load.ts';
import { orderPlaced } from './order-event.ts';
import { startServer } from './server.ts';

const sizes = { small: 100_000, large: Number(process.env.FLAT_EVENTS ?? 4_000_000) };
const eventsPerStream = 10;
const rounds = 5;
const seconds = Number(process.env.BENCH_SECONDS ?? 5);
const warmUp = Number(process.env.FLAT_WARM_UP ?? 60);
const walSize = process.env.FLAT_WAL ?? '16GB';
const partitionSize = process.env.FLAT_PARTITION === undefined ? undefined : Number(process.env.FLAT_PARTITION);

await using server = await startServer();
console.log(`Node ${process.version}, PostgreSQL ${server.version}, fsync on, ${seconds} s a round, median of ${rounds}`);
const small = await filled('small_log', sizes.small);
await configure(small.url);
const large = await filled('large_log', sizes.large);

const writerCounts = [1, 64, 256];
// a new copy for each run: it would not stay small
const copies: string[] = [];
for (let n = 0; n < writerCounts.length * rounds; n++) copies.push(await copyOf(small.url, `small_log_${n}`));

await measure(large, 64, warmUp);
for (const writers of writerCounts) {
  const runs = { small: [] as Load[], large: [] as Load[] };
  for (let round = 0; round < rounds; round++) {
    const one = [
      async () => runs.small.push(await measure({ ...small, url: copies.pop() ?? small.url }, writers)),
      async () => runs.large.push(await costOf(large.url, () => measure(large, writers))),
    ];
    // who goes first alternates: what one has written is flushed while the next is measured
    for (const run of round % 2 === 0 ? one : one.reverse()) await run();
  }
  const [few, many] = [median(runs.small), median(runs.large)];
  console.log(
    `${writers} writers: ${Math.round(few.rate)}/s at ${sizes.small.toLocaleString('en')} events, ${Math.round(many.rate)}/s at ${sizes.large.toLocaleString('en')}; an append costs ${(few.rate / many.rate).toFixed(2)} × (p99 ${few.p99.toFixed(1)} and ${many.p99.toFixed(1)} ms)`,
  );
}

/** Checkpoints as rare as a server with such a rate is set up for, so that a round is not one long writing of whole pages; and reading is timed. */
async function configure(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`alter system set max_wal_size = ${client.escapeLiteral(walSize)}`);
  await client.query('alter system set track_io_timing = on');
  await client.query('select pg_reload_conf()');
  await client.end();
}

async function filled(name: string, events: number): Promise<FilledLog> {
  const started = performance.now();
  const log = await fillLog({
    url: await server.createDatabase(name),
    events,
    streams: events / eventsPerStream,
    ...(partitionSize && { partitionSize }),
  });
  console.log(`${events.toLocaleString('en')} events loaded in ${((performance.now() - started) / 1000).toFixed(0)} s`);
  return log;
}

async function measure({ url, streams }: FilledLog, writers: number, warmUpSeconds = seconds / 2): Promise<Load> {
  await using store = new PostgresEventStore({ url });
  const append = () => {
    const isNew = Math.random() < 0.5;
    const stream = streamName('order', isNew ? uuid() : String(1 + Math.floor(Math.random() * streams)));
    return store.append({ streams: [{ stream, expectedVersion: isNew ? 'noStream' : 'any', events: [orderPlaced()] }] });
  };
  await load({ writers: 64, seconds: warmUpSeconds, operation: append });
  return await load({ writers, seconds, operation: append }); // the store is open until then
}

async function copyOf(url: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: Object.assign(new URL(url), { pathname: '/postgres' }).href });
  await client.connect();
  await client.query(`create database ${client.escapeIdentifier(name)} template small_log`);
  await client.end();
  return Object.assign(new URL(url), { pathname: `/${name}` }).href;
}
