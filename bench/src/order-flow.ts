// Orders from placeOrder through the gateway to confirmed, paid and shipped through the simulator: every process on this machine. BENCH_RATE sets the
// orders offered a second, BENCH_SECONDS the length of a measurement.
import { streamName } from '@kiroku/core';
import { migrate, PostgresEventStore } from '@kiroku/postgres';
import pg from 'pg';
import { startShop } from './bench-shop.ts';
import { cpuSeconds } from './cpu-seconds.ts';
import { load, quantile } from './load.ts';
import { orderPlaced } from './order-event.ts';
import { type Run, Shoppers } from './order-flow-shoppers.ts';

const rate = Number(process.env.BENCH_RATE ?? 500);
const seconds = Number(process.env.BENCH_SECONDS ?? 20);
const underWay = Number(process.env.BENCH_UNDER_WAY ?? 128);

await using shop = await startShop();
await using shoppers = new Shoppers({ url: shop.url, eventStoreUrl: shop.databaseUrl('event_store') });
await shoppers.start();
await shoppers.asFastAsItGoes(underWay / 2, seconds); // warms up
const before = await position();
const fastest = await measured(`as fast as it goes, ${underWay} under way`, () => shoppers.asFastAsItGoes(underWay, seconds));
const appends = ((await position()) - before) / (fastest.confirmed + fastest.others);
await measured(`${rate} offered a second`, () => shoppers.atRate(rate, seconds));

const limit = await appendsOnly();
const orders = limit / appends;
const share = fastest.confirmed / fastest.seconds / orders;
console.log(
  `Appends alone, 64 writers: ${limit.toFixed(0)}/s; at ${appends.toFixed(1)} an order ${orders.toFixed(0)} orders/s, of which the whole flow does ${(share * 100).toFixed(1)} %`,
);

async function measured(what: string, run: () => Promise<Run>): Promise<Run> {
  const [started, own] = [await cpu(), process.cpuUsage()];
  const result = await run();
  const { user, system } = process.cpuUsage(own);
  const ended = await cpu();
  const orders = result.confirmed + result.others;
  const { latencies } = result;
  console.log(
    `${what}: ${(result.confirmed / result.seconds).toFixed(0)} orders/s confirmed (${result.others} others of ${orders}); placed → confirmed p50 ${quantile(latencies, 0.5).toFixed(0)} ms, p99 ${quantile(latencies, 0.99).toFixed(0)} ms`,
  );
  const spent = [...ended].map(([name, total]) => [name, total - (started.get(name) ?? 0)] as const);
  const each = [...spent, ['shoppers', (user + system) / 1e6] as const];
  const sum = each.reduce((all, [, s]) => all + s, 0);
  console.log(
    `  CPU ms an order: ${each.map(([name, s]) => `${name} ${((s * 1_000) / orders).toFixed(2)}`).join(', ')}; together ${((sum * 1_000) / orders).toFixed(2)}, ${(sum / result.seconds).toFixed(2)} cores`,
  );
  return result;
}

async function cpu(): Promise<ReadonlyMap<string, number>> {
  return cpuSeconds(await shop.processIds(), new Set(['postgres']));
}

async function position(): Promise<number> {
  await using log = new PostgresEventStore({ url: shop.databaseUrl('event_store'), maxConnections: 1 });
  return (await log.head()).position;
}

/** Appends a second of the same PostgreSQL, one event each to streams of their own. */
async function appendsOnly(): Promise<number> {
  const admin = new pg.Client({ connectionString: shop.databaseUrl('postgres') });
  await admin.connect();
  await admin.query('create database appends');
  await admin.end();
  const url = shop.databaseUrl('event_store').replace(/event_store$/, 'appends');
  await migrate({ database: 'event_store', url });
  await using log = new PostgresEventStore({ url });
  const operation = () =>
    log.append({ streams: [{ stream: streamName('order', crypto.randomUUID()), expectedVersion: 0, events: [orderPlaced()] }] });
  return (await load({ writers: 64, seconds: seconds / 2, operation })).rate;
}
