import { randomUUID } from 'node:crypto';
import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql';
import { streamName } from '@kiroku/core';
import { migrate, PostgresEventStore } from '@kiroku/postgres';
import pg from 'pg';
import { orderPlaced } from './order-event.ts';
import type { BenchServer } from './server.ts';

/** One event store under the same load. */
export interface Contestant extends AsyncDisposable {
  readonly name: string;
  /** How it is set up, where that is not its default. */
  readonly configuration: string;
  /** As superuser. */
  readonly url: string;
  /** Appends this many events to a stream that is not there yet. */
  append(events: number): Promise<unknown>;
  /** How many events stand in its log. */
  count(): Promise<number>;
}

/** Connections of the peer's pool. More did not make it faster with two cores. */
const peerConnections = 20;

export async function kiroku(server: BenchServer): Promise<Contestant> {
  const url = await server.createDatabase('kiroku_bench');
  await migrate({ database: 'event_store', url });
  const store = new PostgresEventStore({ url });
  await store.start();
  return {
    name: 'Kiroku',
    configuration: 'Kiroku: one store, defaults.',
    url,
    append: (events) =>
      store.append({
        streams: [
          { stream: streamName('order', randomUUID()), expectedVersion: 'noStream', events: Array.from({ length: events }, orderPlaced) },
        ],
      }),
    count: async () => (await store.head()).position,
    [Symbol.asyncDispose]: () => store.stop(),
  };
}

export async function emmett(server: BenchServer): Promise<Contestant> {
  const url = await server.createDatabase('emmett_bench');
  const pool = new pg.Pool({ connectionString: url, max: peerConnections });
  pool.on('error', () => undefined); // the server may stop before the last idle connection has closed
  const store = getPostgreSQLEventStore(url, { connectionOptions: { pooled: true, pool } });
  await store.schema.migrate();
  return {
    name: 'Emmett',
    configuration: `Emmett 0.42.0: a shared pool of ${peerConnections} connections (its best here), expected version given, otherwise defaults.`,
    url,
    append: (events) =>
      store.appendToStream(`order-${randomUUID()}`, Array.from({ length: events }, orderPlaced), {
        expectedStreamVersion: 'STREAM_DOES_NOT_EXIST',
      }),
    count: async () => {
      const { rows } = await pool.query<{ n: string }>('select count(*) as n from emt_messages');
      return Number(rows[0]?.n);
    },
    [Symbol.asyncDispose]: async () => {
      await store.close();
      await pool.end();
    },
  };
}
