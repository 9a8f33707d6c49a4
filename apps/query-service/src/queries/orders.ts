import { customerList, type OrderLines, orderSummary, shopQueries } from '@kiroku/shop';
import { z } from 'zod';
import { answer } from '../answering/answer.ts';
import { decodeCursor, encodeCursor } from '../answering/cursor.ts';
import { instantKey, rowsAfter, textKey, toPage } from '../answering/keyset.ts';
import type { ReadSnapshot } from '../answering/read-snapshot.ts';

type OrderRow = Awaited<ReturnType<ReturnType<typeof selectOrders>['executeTakeFirstOrThrow']>>;
type OrderView = NonNullable<z.output<typeof shopQueries.order.result>>;

const key = z.tuple([instantKey, textKey]);

/** One order by its id. */
export const order = answer(shopQueries.order, async (snapshot, { id }) => {
  const row = await selectOrders(snapshot).where('o.id', '=', id).executeTakeFirst();
  return row === undefined ? null : toView(row);
});

/** A page of orders, the newest first. */
export const orders = answer(shopQueries.orders, async (snapshot, { status, first, after }) => {
  const query = selectOrders(snapshot);
  return page('orders', status === undefined ? query : query.where('o.status', '=', status), { first, after });
});

/** A page of a customer's orders, the newest first. */
export const ordersByCustomer = answer(shopQueries.ordersByCustomer, async (snapshot, { customerId, first, after }) =>
  page('ordersByCustomer', selectOrders(snapshot).where('o.customer_id', '=', customerId), { first, after }),
);

async function page(
  list: string,
  query: ReturnType<typeof selectOrders>,
  { first, after }: { readonly first: number; readonly after?: string | undefined },
) {
  const from = after === undefined ? query : query.where(rowsAfter(['o.placed_at', 'o.id'], decodeCursor(list, key, after), 'desc'));
  const rows = await from
    .orderBy('o.placed_at', 'desc')
    .orderBy('o.id', 'desc')
    .limit(first + 1)
    .execute();
  return toPage(rows, first, (row) => ({ cursor: encodeCursor(list, [row.placed_at, row.id]), node: toView(row) }));
}

// The two read models are schemas of their own, so each side names its tables in its own.
function selectOrders(snapshot: ReadSnapshot) {
  const customers = snapshot.tables(customerList).selectFrom('customer').select(['customer.id', 'customer.name']);
  return snapshot
    .tables(orderSummary)
    .selectFrom('customer_order as o')
    .leftJoin(customers.as('c'), 'c.id', 'o.customer_id')
    .select([
      'o.id',
      'o.customer_id',
      'o.status',
      'o.lines',
      'o.item_count',
      'o.total',
      'o.currency',
      'o.reason',
      'o.placed_at',
      'o.settled_at',
    ])
    .select('c.name as customer_name');
}

function toView(row: OrderRow): OrderView {
  return {
    id: row.id,
    customerId: row.customer_id,
    customerName: row.customer_name,
    status: row.status as OrderView['status'], // the projection writes no other
    lines: [...(row.lines as OrderLines)], // what the projection stores there
    itemCount: row.item_count,
    total: { amount: row.total, currency: row.currency },
    reason: row.reason,
    placedAt: row.placed_at,
    settledAt: row.settled_at,
  };
}
