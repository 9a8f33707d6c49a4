// 64 writers who all read the end of one stream and append after it, again and again until they succeed: ours and the peer's.
import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql';
import { isKirokuError, streamName } from '@kiroku/core';
import { migrate, PostgresEventStore } from '@kiroku/postgres';
import pg from 'pg';
import { load, median } from './load.ts';
import { orderPlaced } from './order-event.ts';
import { startServer } from './server.ts';

const writers = 64;
const rounds = 3;
const seconds = Number(process.env.BENCH_SECONDS ?? 5);

await using server = await startServer();
const ours = await kiroku();
const theirs = await emmett();
const runs = { ours: [] as Awaited<ReturnType<typeof load>>[], theirs: [] as Awaited<ReturnType<typeof load>>[] };
for (let round = 0; round < rounds; round++) {
  runs.ours.push(await load({ writers, seconds, operation: () => ours.append() }));
  runs.theirs.push(await load({ writers, seconds, operation: () => theirs.append() }));
}
const [mine, peer] = [median(runs.ours), median(runs.theirs)];
console.log(
  `Node ${process.version}, PostgreSQL ${server.version}, ${writers} writers on one stream, ${seconds} s a round, median of ${rounds}`,
);
console.log(
  `Kiroku ${Math.round(mine.rate)}/s (p99 ${mine.p99.toFixed(0)} ms), Emmett ${Math.round(peer.rate)}/s (p99 ${peer.p99.toFixed(0)} ms), ratio ${(mine.rate / peer.rate).toFixed(1)} ×`,
);
console.log(`lost updates: Kiroku ${ours.succeeded() - (await ours.version())}, Emmett ${theirs.succeeded() - (await theirs.version())}`);
await Promise.all([ours.close(), theirs.close()]);

interface Contestant {
  /** One append that succeeded in the end. */
  append(): Promise<void>;
  succeeded(): number;
  version(): Promise<number>;
  close(): Promise<unknown>;
}

async function kiroku(): Promise<Contestant> {
  const url = await server.createDatabase('kiroku_bench');
  await migrate({ database: 'event_store', url });
  const store = new PostgresEventStore({ url });
  const stream = streamName('stock', 'kettle');
  const version = async () => (await store.readStream(stream, { direction: 'backward', limit: 1 }))[0]?.version ?? 0;
  return counted({
    version,
    attempt: async () => {
      try {
        await store.append({ streams: [{ stream, expectedVersion: await version(), events: [orderPlaced()] }] });
        return true;
      } catch (error) {
        if (isKirokuError(error, 'Conflict')) return false;
        throw error;
      }
    },
    close: () => store.stop(),
  });
}

async function emmett(): Promise<Contestant> {
  const url = await server.createDatabase('emmett_bench');
  const pool = new pg.Pool({ connectionString: url, max: 20 });
  pool.on('error', () => undefined); // the server may stop before the last idle connection has closed
  const store = getPostgreSQLEventStore(url, { connectionOptions: { pooled: true, pool } });
  await store.schema.migrate();
  const version = async () => {
    const { rows } = await pool.query<{ version: string }>(
      `select coalesce(max(stream_position), 0) as version from emt_streams where stream_id = 'stock-kettle'`,
    );
    return Number(rows[0]?.version);
  };
  return counted({
    version,
    attempt: async () => {
      try {
        const expected = BigInt(await version());
        await store.appendToStream('stock-kettle', [orderPlaced()], {
          expectedStreamVersion: expected === 0n ? 'STREAM_DOES_NOT_EXIST' : expected,
        });
        return true;
      } catch (error) {
        if (error instanceof Error && /version|concurrency|duplicate/i.test(`${error.name} ${error.message}`)) return false;
        throw error;
      }
    },
    close: async () => {
      await store.close();
      await pool.end();
    },
  });
}

function counted({
  attempt,
  version,
  close,
}: {
  attempt: () => Promise<boolean>;
  version: () => Promise<number>;
  close: () => Promise<unknown>;
}): Contestant {
  let succeeded = 0;
  return {
    append: async () => {
      while (!(await attempt()));
      succeeded += 1;
    },
    succeeded: () => succeeded,
    version,
    close,
  };
}
