import { customerList, type OrderLines, orderSummary, shopQueries } from '@kiroku/shop';
import { z } from 'zod';
import { answer } from '../answering/answer.ts';
import { encodeCursor } from '../answering/cursor.ts';
import { instantKey, keyLater, rowsAfter, textKey, toPage } from '../answering/keyset.ts';
import type { ValueOf } from '../answering/read-statement.ts';
import type { ReadTables } from '../answering/read-tables.ts';

type OrderRow = Awaited<ReturnType<ReturnType<typeof selectOrders>['executeTakeFirstOrThrow']>>;
type OrderView = NonNullable<z.output<typeof shopQueries.order.result>>;

const key = z.tuple([instantKey, textKey]);

/** One order by its id. */
export const order = answer(shopQueries.order, {
  isQuick: () => true,
  statement: (tables, value) =>
    selectOrders(tables).where(
      'o.id',
      '=',
      value(({ id }) => id),
    ),
  result: ([row]) => (row === undefined ? null : toView(row)),
});

/** A page of orders, the newest first. */
export const orders = answer(shopQueries.orders, {
  shape: ({ status, after }) => ({ hasStatus: status !== undefined, goesOn: after !== undefined }),
  statement: (tables, value, { hasStatus, goesOn }) => {
    const found = selectOrders(tables).$if(hasStatus, (query) =>
      query.where(
        'o.status',
        '=',
        value(({ status }) => status ?? ''),
      ),
    );
    return page('orders', found, { value, goesOn });
  },
  result: (rows, { first }) => toOrderPage('orders', rows, first),
});

/** A page of a customer's orders, the newest first. */
export const ordersByCustomer = answer(shopQueries.ordersByCustomer, {
  shape: ({ after }) => ({ goesOn: after !== undefined }),
  isQuick: () => true,
  statement: (tables, value, { goesOn }) => {
    const found = selectOrders(tables).where(
      'o.customer_id',
      '=',
      value(({ customerId }) => customerId),
    );
    return page('ordersByCustomer', found, { value, goesOn });
  },
  result: (rows, { first }) => toOrderPage('ordersByCustomer', rows, first),
});

interface Paged {
  readonly first: number;
  readonly after?: string | undefined;
}

function page(
  list: string,
  query: ReturnType<typeof selectOrders>,
  { value, goesOn }: { readonly value: ValueOf<Paged>; readonly goesOn: boolean },
) {
  return query
    .$if(goesOn, (from) => from.where(rowsAfter(['o.placed_at', 'o.id'], keyLater(list, key, value), 'desc')))
    .orderBy('o.placed_at', 'desc')
    .orderBy('o.id', 'desc')
    .limit(value(({ first }) => first + 1));
}

function toOrderPage(list: string, rows: readonly OrderRow[], first: number) {
  return toPage(rows, first, (row) => ({ cursor: encodeCursor(list, [row.placed_at, row.id]), node: toView(row) }));
}

// The two read models are schemas of their own, so each side names its tables in its own.
function selectOrders(tables: ReadTables) {
  const customers = tables.of(customerList).selectFrom('customer').select(['customer.id', 'customer.name']);
  return tables
    .of(orderSummary)
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
