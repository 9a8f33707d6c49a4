// From "append returned" to "subscriber called", on an idle system: one append every 20 ms.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { streamName } from '@kiroku/core';
import { migrate, PostgresEventStore } from '@kiroku/postgres';
import { quantile } from './load.ts';
import { orderPlaced } from './order-event.ts';
import { startServer } from './server.ts';

const appends = Number(process.env.BENCH_APPENDS ?? 500);

await using server = await startServer();
const url = await server.createDatabase('kiroku_bench');
await migrate({ database: 'event_store', url });
await using writer = new PostgresEventStore({ url });
await using reader = new PostgresEventStore({ url }); // as in another process: nothing but the database between them

const returned = new Map<number, number>();
const called = new Map<number, number>();
const ending = new AbortController();
const following = (async () => {
  for await (const page of reader.subscribe({ signal: ending.signal }))
    for (const { position } of page.events) called.set(position, performance.now());
})();

for (let index = 0; index < appends; index++) {
  const { position } = await writer.append({
    streams: [{ stream: streamName('order', randomUUID()), expectedVersion: 'noStream', events: [orderPlaced()] }],
  });
  returned.set(position, performance.now());
  await sleep(20);
}
await sleep(200);
ending.abort();
await following;

const delays = [...returned]
  .map(([position, at]) => Math.max(0, (called.get(position) ?? Number.POSITIVE_INFINITY) - at))
  .sort((a, b) => a - b);
console.log(`Node ${process.version}, PostgreSQL ${server.version}: ${appends} appends, one every 20 ms`);
console.log(`append returned → subscriber called: p50 ${quantile(delays, 0.5).toFixed(2)} ms, p99 ${quantile(delays, 0.99).toFixed(2)} ms`);
