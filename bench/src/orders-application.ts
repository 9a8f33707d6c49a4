// Read models of orders. Threads of a rebuild load this, and nothing else of the benchmark.
import { type Application, defineEvents, defineProjection, type Schema } from '@kiroku/core';

/** What is in the log was made for it. */
function known<T>(): Schema<T> {
  return { '~standard': { version: 1, vendor: 'kiroku-bench', validate: (value) => ({ value: value as T }) } };
}

interface ItemAdded {
  readonly orderId: string;
  readonly productId: string;
  readonly quantity: number;
  readonly unitPrice: number;
  readonly currency: string;
  readonly addedAt: string;
}

const events = defineEvents({ ItemAdded: { schema: known<ItemAdded>() } });

/** One row for each stream. */
export const orderTotals = defineProjection({
  name: 'order-totals',
  version: 1,
  events,
  tables: {
    order_total: {
      columns: { id: 'text key', items: 'integer', total: 'integer', currency: 'text', changed_at: 'timestamp' },
      indexes: [['changed_at', 'id']],
      on: {
        ItemAdded: {
          keys: ({ data }) => ({ id: data.orderId }),
          fold: (row, { data }) => ({
            id: data.orderId,
            items: (row?.items ?? 0) + data.quantity,
            total: (row?.total ?? 0) + data.quantity * data.unitPrice,
            currency: data.currency,
            changed_at: data.addedAt,
          }),
        },
      },
    },
  },
});

/** Many streams to a row: what was sold a day. */
export const salesPerDay = defineProjection({
  name: 'sales-per-day',
  version: 1,
  events,
  tables: {
    day: {
      columns: { day: 'date key', currency: 'text key', items: 'integer', revenue: 'text' },
      on: {
        ItemAdded: {
          keys: ({ data }) => ({ day: data.addedAt.slice(0, 10), currency: data.currency }),
          fold: (row, { data }, key) => ({
            ...key,
            items: (row?.items ?? 0) + data.quantity,
            revenue: largeSum(row?.revenue, data.quantity * data.unitPrice),
          }),
        },
      },
    },
  },
});

/** As the shop adds up what is sold a day. */
function largeSum(sum: string | undefined, amount: number): string {
  const [before, after] = [Number(sum ?? 0), Number(sum ?? 0) + amount];
  const isExact = Number.isSafeInteger(before) && Number.isSafeInteger(after);
  return isExact ? String(after) : String(BigInt(sum ?? 0) + BigInt(amount));
}

/** One row for each event. */
const addedItems = defineProjection({
  name: 'added-items',
  version: 1,
  events,
  tables: {
    item: {
      columns: { product_id: 'text key', order_id: 'text', quantity: 'integer', added_at: 'timestamp' },
      on: {
        ItemAdded: {
          keys: ({ data }) => ({ product_id: data.productId }),
          fold: (row, { data }, key) => ({
            ...key,
            order_id: data.orderId,
            quantity: (row?.quantity ?? 0) + data.quantity,
            added_at: data.addedAt,
          }),
        },
      },
    },
  },
});

interface OrderPlaced {
  readonly orderId: string;
  readonly total: { readonly amount: number; readonly currency: string };
  readonly placedAt: string;
}

/** One row for each event of a log that was appended, not loaded: one whose hash chain can be verified. */
export const placedOrders = defineProjection({
  name: 'placed-orders',
  version: 1,
  events: defineEvents({ OrderPlaced: { schema: known<OrderPlaced>() } }),
  tables: {
    placed_order: {
      columns: { id: 'text key', total: 'integer', currency: 'text', placed_at: 'timestamp' },
      on: {
        OrderPlaced: {
          keys: ({ data }) => ({ id: data.orderId }),
          fold: (_, { data }) => ({
            id: data.orderId,
            total: data.total.amount,
            currency: data.total.currency,
            placed_at: data.placedAt,
          }),
        },
      },
    },
  },
});

const projections = [orderTotals, salesPerDay, addedItems, placedOrders];
export const application: Application = { name: 'bench', aggregates: [], projections, processManagers: [] };
