// Waiting instances and their timers: what they cost while nothing is due, how late they fire when they become due one after the other, and how long
// it takes until all have fired that become due at once. BENCH_TIMERS sets how many, BENCH_SECONDS how long idling is measured, BENCH_RATE how many
// become due a second.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { migrate } from '@kiroku/postgres';
import pg from 'pg';
import { cpuSeconds } from './cpu-seconds.ts';
import { startServer } from './server.ts';

const count = Number(process.env.BENCH_TIMERS ?? 100_000);
const seconds = Number(process.env.BENCH_SECONDS ?? 20);
const rate = Number(process.env.BENCH_RATE ?? 2_000);

await using server = await startServer();
const urls = { event_store: await server.createDatabase('timers_events'), command_db: await server.createDatabase('timers_commands') };
for (const [database, url] of Object.entries(urls) as [keyof typeof urls, string][]) await migrate({ database, url }); // its own keys
const client = new pg.Client({ connectionString: urls.command_db });
client.on('error', () => undefined); // the statement under way reports what is wrong
await client.connect();
const worker = fork(fileURLToPath(new URL('./timers-worker.js', import.meta.url)), {
  env: { ...process.env, BENCH_URLS: JSON.stringify(urls) },
});
await once(worker, 'message');

await idle('without any');
await wait();
await idle(`with ${count.toLocaleString('en')} waiting`);
await oneAfterTheOther();
for (const run of ['first', 'second', 'third']) {
  const started = performance.now();
  const before = await cpu();
  await client.query(`update kiroku.process_timers set due_at = clock_timestamp()`);
  const dueAt = performance.now();
  while ((await left()) > 0) await sleep(5);
  const [ms, spent] = [performance.now() - dueAt, since(before, await cpu())];
  console.log(
    `Due at once, ${run} time: all fired ${Math.round(ms).toLocaleString('en')} ms after the statement that made them due, which took ${Math.round(dueAt - started)} ms; CPU seconds with it: ${spent}`,
  );
  await client.query('truncate kiroku.process_instances, kiroku.process_history');
  await wait();
}
worker.kill('SIGTERM');
await once(worker, 'exit');
await client.end();

/** Instances as a shop's saga leaves them, each with a timer an hour from now. */
async function wait(): Promise<void> {
  await client.query(
    `insert into kiroku.process_instances (process_manager, instance, state, status)
    select 'reminders', 'order-' || n, json_build_object('orderId', 'order-' || n, 'phase', 'waiting', 'note', repeat('x', 600)), 'running'
    from generate_series(1, $1::integer) as n`,
    [count],
  );
  await client.query(
    `insert into kiroku.process_timers (process_manager, instance, name, id, due_at, metadata)
    select 'reminders', 'order-' || n, 'remind', gen_random_uuid(), clock_timestamp() + interval '1 hour' + n * interval '1 ms', '{"correlationId":"c"}'
    from generate_series(1, $1::integer) as n`,
    [count],
  );
  await client.query('vacuum analyze');
  await client.query('checkpoint');
  await sleep(2_000);
}

async function idle(what: string): Promise<void> {
  const before = await cpu();
  await sleep(seconds * 1_000);
  console.log(`Idle for ${seconds} s, ${what}: CPU seconds ${since(before, await cpu())}`);
}

/** The oldest timer that is due is looked for all the time: what it is late by is what any is late by at most. */
async function oneAfterTheOther(): Promise<void> {
  const half = Math.floor(count / 2);
  const { rows: begun } = await client.query<{ at: Date }>('select clock_timestamp() as at');
  await client.query(
    `update kiroku.process_timers set due_at = clock_timestamp() + interval '1 s' + substr(instance, 7)::integer * $2::float8 * interval '1 s'
    where substr(instance, 7)::integer <= $1`,
    [half, 1 / rate],
  );
  const before = await cpu();
  const late: number[] = [];
  for (let most = 0; most > -60_000; ) {
    const { rows } = await client.query<{ ms: number }>(
      `select extract(epoch from clock_timestamp() - due_at)::float8 * 1000 as ms
      from kiroku.process_timers where process_manager = 'reminders' and due_at >= $1 order by due_at limit 1`,
      [begun[0]?.at], // dead rows of the past are not visited
    );
    most = rows[0]?.ms ?? Number.NEGATIVE_INFINITY;
    late.push(Math.max(most, 0));
    await sleep(5);
  }
  late.sort((a, b) => a - b);
  const [p50, p99, most] = [0.5, 0.99, 1].map((share) => Math.round(late[Math.ceil(share * late.length) - 1] ?? 0));
  console.log(
    `${rate.toLocaleString('en')} due a second, ${half.toLocaleString('en')} waiting besides: the oldest is late by p50 ${p50} ms, p99 ${p99} ms, at most ${most} ms; CPU seconds ${since(before, await cpu())}`,
  );
  await client.query('truncate kiroku.process_instances, kiroku.process_history, kiroku.process_timers');
  await wait();
}

async function left(): Promise<number> {
  const { rows } = await client.query<{ left: string }>(
    'select count(*) as left from (select from kiroku.process_timers limit 1) as waiting',
  );
  return Number(rows[0]?.left);
}

async function cpu(): Promise<ReadonlyMap<string, number>> {
  return cpuSeconds(
    new Map([
      ['worker', pidOf(worker)],
      ['postgres', server.pid],
    ]),
    new Set(['postgres']),
  );
}

function since(before: ReadonlyMap<string, number>, now: ReadonlyMap<string, number>): string {
  return [...now].map(([name, total]) => `${name} ${(total - (before.get(name) ?? 0)).toFixed(2)}`).join(', ');
}

function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error('The worker has not started.');
  return pid;
}
