// Does an open snapshot (a backup, an idle transaction) slow appends down? Two databases on one server take turns of 5 s; in one of them a
// transaction is held open all the time, for SNAPSHOT_MINUTES. Half of the appends go to 16 hot streams.
import { randomUUID } from 'node:crypto';
import { streamName } from '@kiroku/core';
import { migrate, PostgresEventStore } from '@kiroku/postgres';
import pg from 'pg';
import { load } from './load.ts';
import { orderPlaced } from './order-event.ts';
import { startServer } from './server.ts';

const minutes = Number(process.env.SNAPSHOT_MINUTES ?? 1);
const turnSeconds = 5;
const writers = 64;
const hotStreams = 16;
const turns = Math.ceil((minutes * 60) / (turnSeconds * 1.1) / 2);

await using server = await startServer();
console.log(`Node ${process.version}, PostgreSQL ${server.version}, fsync on, a snapshot held for ${minutes} min, ${writers} writers`);
const held = await openLog('held');
const free = await openLog('free');
const holder = new pg.Client({ connectionString: held.url });
await holder.connect();
await holder.query('begin isolation level repeatable read');
await holder.query('select count(*) from kiroku.events'); // from now on nothing that dies in this database can be removed

const ratios: number[] = [];
for (let turn = 0; turn < turns; turn++) {
  // who goes first alternates, so that neither profits from the other's pages
  const [first, second] = turn % 2 === 0 ? [held, free] : [free, held];
  const rates = new Map([
    [first, await rateOf(first)],
    [second, await rateOf(second)],
  ]);
  ratios.push((rates.get(held) ?? 0) / (rates.get(free) ?? 1));
}
await holder.query('rollback');
await holder.end();

const fifth = Math.max(1, Math.floor(turns / 5));
console.log(
  `Rate with the snapshot open, over the rate without: ${median(ratios).toFixed(2)} (first fifth ${median(ratios.slice(0, fifth)).toFixed(2)}, last fifth ${median(ratios.slice(-fifth)).toFixed(2)})`,
);
await Promise.all([held.store.stop(), free.store.stop()]);

async function openLog(name: string) {
  const url = await server.createDatabase(name);
  await migrate({ database: 'event_store', url });
  const store = new PostgresEventStore({ url });
  await store.start();
  return { url, store };
}

async function rateOf({ store }: Awaited<ReturnType<typeof openLog>>): Promise<number> {
  const { rate } = await load({
    writers,
    seconds: turnSeconds,
    operation: (writer) => {
      const id = writer % 2 === 0 ? randomUUID() : `hot${writer % (2 * hotStreams)}`;
      return store.append({ streams: [{ stream: streamName('order', id), expectedVersion: 'any', events: [orderPlaced()] }] });
    },
  });
  return rate;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
