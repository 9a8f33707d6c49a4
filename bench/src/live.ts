// Live read models: event → row visible at 1,000 events/s, the same beside a throttled rebuild, and catching up. Two projections share one
// worker, which is a process of its own, as the rebuild is. BENCH_EVENTS sets the size of the log, BENCH_SECONDS the length of a measurement.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { streamName } from '@kiroku/core';
import { CheckpointWatch } from '@kiroku/engine';
import { createPool, PostgresEventStore, PostgresReadModelStore } from '@kiroku/postgres';
import { quantile } from './load.ts';
import { addOrders, ordersInstalled, runJob } from './orders.ts';
import { orderTotals, salesPerDay } from './orders-application.ts';
import { startServer } from './server.ts';

const events = Number(process.env.BENCH_EVENTS ?? 1_000_000);
const seconds = Number(process.env.BENCH_SECONDS ?? 20);
const rate = 1_000;
const rebuildRate = 35_000;
const names = ['order-totals', 'sales-per-day'];

await using server = await startServer();
const urls = await ordersInstalled(server, events);
console.log(`Node ${process.version}, PostgreSQL ${server.version}, ${events.toLocaleString('en')} events in the log`);
await runJob(urls, 'projection rebuild', { projections: names.map((name) => ({ name, version: 1 })), maxLagSeconds: 0 });

await using eventStore = new PostgresEventStore({ url: urls.event_store });
await eventStore.start();
const queryPool = createPool({ url: urls.query_db, applicationName: 'kiroku-bench', max: 4 });
const readModels = new PostgresReadModelStore({ pool: queryPool });
await using watch = new CheckpointWatch({ readModels, projections: [orderTotals, salesPerDay], pollMs: 20 });
watch.start();

let worker = start('worker');
await caughtUp();
await visible(seconds / 4); // warms up
report('usual', await visible(seconds));

const rebuild = start('rebuild');
const rebuilt = new Promise<{ readonly seconds: number }>((resolve) => {
  rebuild.on('message', (message) => typeof message === 'object' && resolve(message as { seconds: number })); // its last
});
await once(rebuild, 'message'); // it has begun
const during = await visible(Math.min(seconds, (events / rebuildRate) * 0.8));
report(`beside a rebuild held to ${rebuildRate.toLocaleString('en')} events/s`, during);
console.log(`The rebuild did ${Math.round(events / (await rebuilt).seconds).toLocaleString('en')} events/s`);

await stop(worker);
const { position: before } = await eventStore.head();
await addOrders(urls.event_store, { from: before + 1, count: events / 2, streams: events / 10 });
await eventStore.append({ streams: [{ stream: streamName('live', '0'), expectedVersion: 'any', events: [item(0)] }] });
worker = start('worker');
const startedAt = performance.now();
await caughtUp();
const rateBehind = (events / 2 / (performance.now() - startedAt)) * 1_000;
console.log(`Catching up, two projections, with the start of the process: ${Math.round(rateBehind).toLocaleString('en')} events/s`);
await stop(worker);
await watch.stop();
await queryPool.end();

/** Milliseconds from the append's answer until its rows are visible, sorted, at a steady rate that waits for nobody. */
async function visible(duration: number): Promise<readonly number[]> {
  const latencies: number[] = [];
  const pending = new Set<Promise<void>>();
  const began = performance.now();
  for (let n = 0; n < duration * rate; n++) {
    const wait = began + (n * 1_000) / rate - performance.now();
    if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
    const one = measureOne(n).then((ms) => void latencies.push(ms));
    pending.add(one);
    void one.finally(() => pending.delete(one));
  }
  await Promise.all(pending);
  return latencies.sort((a, b) => a - b);
}

async function measureOne(n: number): Promise<number> {
  const stream = streamName('live', String(Math.floor((n * 7_919) % (events / 10))));
  const { position } = await eventStore.append({ streams: [{ stream, expectedVersion: 'any', events: [item(n)] }] });
  const appendedAt = performance.now();
  await watch.waitFor([orderTotals, salesPerDay], position, { timeoutMs: 60_000 });
  return performance.now() - appendedAt;
}

function item(n: number) {
  const orderId = `order-${(n * 7_919) % (events / 10)}`;
  const data = {
    orderId,
    productId: crypto.randomUUID(),
    quantity: 1,
    unitPrice: 100,
    currency: 'EUR',
    addedAt: '2024-03-01T10:00:00.000Z',
  };
  return { type: 'ItemAdded', data };
}

async function caughtUp(): Promise<void> {
  const { position } = await eventStore.head();
  await watch.waitFor([orderTotals, salesPerDay], position, { timeoutMs: 600_000 });
}

function report(what: string, latencies: readonly number[]): void {
  const [p50, p99] = [quantile(latencies, 0.5), quantile(latencies, 0.99)];
  console.log(`Event → rows visible at ${rate.toLocaleString('en')} events/s, ${what}: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`);
}

function start(what: 'worker' | 'rebuild') {
  return fork(fileURLToPath(new URL(`./live-${what}.js`, import.meta.url)), {
    env: { ...process.env, BENCH_URLS: JSON.stringify(urls), BENCH_REBUILD_RATE: String(rebuildRate) },
  });
}

async function stop(child: ReturnType<typeof start>): Promise<void> {
  child.kill('SIGTERM');
  await once(child, 'exit');
}
