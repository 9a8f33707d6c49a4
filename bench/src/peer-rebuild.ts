import { getPostgreSQLEventStore, pongoSingleStreamProjection, rebuildPostgreSQLProjections } from '@event-driven-io/emmett-postgresql';
import pg from 'pg';
import type { BenchServer } from './server.ts';

type OrderTotal = { readonly items: number; readonly total: number };
type ItemAdded = { readonly type: 'ItemAdded'; readonly data: { readonly quantity: number; readonly unitPrice: number } };

/** Events a second with which Emmett rebuilds a document per stream, from as many events as given, ten to a stream. */
export async function peerRebuildRate(server: BenchServer, events: number): Promise<number> {
  const url = await server.createDatabase('emmett_rebuild');
  const pool = new pg.Pool({ connectionString: url, max: 20 });
  pool.on('error', () => undefined); // the server may stop before the last idle connection has closed
  const projection = pongoSingleStreamProjection<OrderTotal, ItemAdded>({
    collectionName: 'order_totals',
    canHandle: ['ItemAdded'],
    initialState: () => ({ items: 0, total: 0 }),
    evolve: ({ items, total }: OrderTotal, { data }: ItemAdded) => ({
      items: items + data.quantity,
      total: total + data.quantity * data.unitPrice,
    }),
  });
  const store = getPostgreSQLEventStore(url, { connectionOptions: { pooled: true, pool } });
  await store.schema.migrate();
  for (let stream = 0; stream < events / 10; stream++) {
    const ten = Array.from(
      { length: 10 },
      (_, n): ItemAdded => ({ type: 'ItemAdded', data: { quantity: (n % 5) + 1, unitPrice: 100 + n } }),
    );
    await store.appendToStream(`order-${stream}`, ten);
  }
  const consumer = rebuildPostgreSQLProjections<ItemAdded>({ connectionString: url, projections: [projection as never] });
  // its own types do not fit together with exactOptionalPropertyTypes
  const startedAt = performance.now();
  await consumer.start();
  const seconds = (performance.now() - startedAt) / 1_000;
  const { rows } = await pool.query<{ total: string }>("select sum((data->>'items')::int) as total from order_totals");
  if (Number(rows[0]?.total) !== events * 3) throw new Error(`The peer's rebuild made ${rows[0]?.total} items of ${events} events.`);
  await consumer.close();
  await store.close();
  await pool.end();
  return events / seconds;
}
