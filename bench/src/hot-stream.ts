// 64 writers who all read the end of one stream and append after it, again and again until they succeed, ours and the peer's; then 64 who send commands
// to one stream, through the command handlers of both.
import { CommandHandler } from '@event-driven-io/emmett';
import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql';
import { command, defineAggregate, defineEvents, isKirokuError, streamName } from '@kiroku/core';
import { createCommandHandler } from '@kiroku/engine';
import { migrate, PostgresEventStore } from '@kiroku/postgres';
import { anySchema } from '@kiroku/testing';
import pg from 'pg';
import { type Load, load, median } from './load.ts';
import { orderPlaced } from './order-event.ts';
import { startServer } from './server.ts';

const writers = 64;
const rounds = 3;
const seconds = Number(process.env.BENCH_SECONDS ?? 5);

/** What each command counts. */
const counter = defineAggregate({
  name: 'counter',
  events: defineEvents({ Counted: { schema: anySchema<{ readonly id: string; readonly n: number }>() } }),
  initialState: 0,
  commands: { Count: command({ schema: anySchema<{ readonly id: string }>(), target: ({ id }) => id }) },
  evolve: { Counted: (count) => count + 1 },
  decide: { Count: (count, { data: { id } }) => [{ type: 'Counted', data: { id, n: count + 1 } }] },
});

await using server = await startServer();
const ours = await kiroku();
const theirs = await emmett();
console.log(`Node ${process.version}, PostgreSQL ${server.version}, ${writers} on one stream, ${seconds} s a round, median of ${rounds}`);
await compare('appends', (contestant) => contestant.append());
console.log(`lost updates: Kiroku ${ours.succeeded() - (await ours.version())}, Emmett ${theirs.succeeded() - (await theirs.version())}`);
await compare('commands', (contestant) => contestant.command());
await Promise.all([ours.close(), theirs.close()]);

async function compare(what: string, operation: (contestant: Contestant) => Promise<unknown>): Promise<void> {
  const runs = { ours: [] as Load[], theirs: [] as Load[] };
  for (let round = 0; round < rounds; round++) {
    runs.ours.push(await load({ writers, seconds, operation: () => operation(ours) }));
    runs.theirs.push(await load({ writers, seconds, operation: () => operation(theirs) }));
  }
  const [mine, peer] = [median(runs.ours), median(runs.theirs)];
  console.log(
    `${what}: Kiroku ${Math.round(mine.rate)}/s (p99 ${mine.p99.toFixed(0)} ms), Emmett ${Math.round(peer.rate)}/s (p99 ${peer.p99.toFixed(0)} ms), ratio ${(mine.rate / peer.rate).toFixed(1)} ×`,
  );
}

interface Contestant {
  /** One append that succeeded in the end. */
  append(): Promise<void>;
  /** One command to another stream, repeated as its handler sees fit until it has succeeded. */
  command(): Promise<unknown>;
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
  const handle = createCommandHandler({ aggregates: [counter], eventStore: store });
  return counted({
    version,
    command: () => handle({ type: 'Count', data: { id: '1' }, id: crypto.randomUUID(), at: new Date().toISOString(), metadata: {} }),
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
  const handle = CommandHandler<number, { type: 'Counted'; data: { id: string; n: number } }>({
    initialState: () => 0,
    evolve: (count) => count + 1,
  });
  return counted({
    version,
    command: () =>
      handle(store, 'counter-1', (count) => ({ type: 'Counted', data: { id: '1', n: count + 1 } }), {
        retry: { onVersionConflict: { retries: 10_000, minTimeout: 1, maxTimeout: 250, factor: 2, randomize: true } },
      }),
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

function counted({ attempt, ...contestant }: Omit<Contestant, 'append' | 'succeeded'> & { attempt: () => Promise<boolean> }): Contestant {
  let succeeded = 0;
  return {
    ...contestant,
    append: async () => {
      while (!(await attempt()));
      succeeded += 1;
    },
    succeeded: () => succeeded,
  };
}
