// How fast a log is verified: quick (positions, versions, commits) and deep (every digest and the chain), the median of three.
import { randomUUID } from 'node:crypto';
import { streamName } from '@kiroku/core';
import { createPool, migrate, PostgresEventStore, verifyLog } from '@kiroku/postgres';
import Table from 'cli-table3';
import { orderPlaced } from './order-event.ts';
import { startServer } from './server.ts';

const events = Number(process.env.BENCH_EVENTS ?? 500_000);
const writers = 64;
const rounds = 3;

await using server = await startServer();
const url = await server.createDatabase('kiroku_bench');
await migrate({ database: 'event_store', url });
await fill();
const pool = createPool({ url, applicationName: 'kiroku-bench', max: 2 });
const commits = (await pool.query<{ n: number }>('select count(*) as n from kiroku.commits')).rows[0]?.n ?? 0;

process.stdout.write(
  `Node ${process.version}, PostgreSQL ${server.version}, ${events.toLocaleString('en')} events in ${commits.toLocaleString('en')} commits, median of ${rounds}\n`,
);
const table = new Table({ head: ['', 'events/s', "CPU of Node's, s", 'findings'] });
for (const deep of [false, true]) {
  const runs = [];
  for (let round = 0; round < rounds; round++) runs.push(await measure(deep));
  const middle = runs.toSorted((a, b) => a.rate - b.rate)[Math.floor(rounds / 2)];
  if (middle === undefined) throw new Error('No runs to take the median of.');
  table.push([deep ? 'deep' : 'quick', Math.round(middle.rate).toLocaleString('en'), middle.cpuSeconds.toFixed(2), middle.findings]);
}
process.stdout.write(`${table.toString()}\n`);
await pool.end();

async function measure(deep: boolean) {
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  let findings = 0;
  for await (const page of verifyLog(pool, { after: 0, until: events, deep })) findings += page.findings.length;
  const { user, system } = process.cpuUsage(cpu);
  return { rate: events / ((performance.now() - started) / 1_000), cpuSeconds: (user + system) / 1e6, findings };
}

/** Streams of 1 to 20 events, as fast as they go in. */
async function fill(): Promise<void> {
  await using store = new PostgresEventStore({ url });
  let left = events;
  const write = async (): Promise<void> => {
    while (left > 0) {
      const size = Math.min(1 + Math.floor(Math.random() * 20), left);
      left -= size;
      const batch = Array.from({ length: size }, orderPlaced);
      await store.append({ streams: [{ stream: streamName('order', randomUUID()), expectedVersion: 'noStream', events: batch }] });
    }
  };
  await Promise.all(Array.from({ length: writers }, write));
}
