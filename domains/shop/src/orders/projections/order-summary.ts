import { defineProjection, type RowOf } from '@kiroku/core';
import type * as z from 'zod';
import { orderEvents, type orderLine } from '../events.ts';

const columns = {
  id: 'text key',
  customer_id: 'text',
  status: 'text',
  /** An array of the order's lines as they are in OrderPlaced. */
  lines: 'json',
  item_count: 'integer',
  total: 'integer',
  currency: 'text',
  /** Why it was cancelled. */
  reason: 'text?',
  placed_at: 'timestamp',
  /** When it was confirmed or cancelled. */
  settled_at: 'timestamp?',
} as const;

/** What the `lines` column holds. */
export type OrderLines = readonly z.output<typeof orderLine>[];

/** An order with its lines and how it stands; by customer it is found through an index. */
export const orderSummary = defineProjection({
  name: 'order-summary',
  version: 1,
  events: orderEvents,
  tables: {
    customer_order: {
      columns,
      indexes: [
        ['placed_at', 'id'],
        ['status', 'placed_at', 'id'],
        ['customer_id', 'placed_at', 'id'],
      ],
      listedBy: ['customer_id'],
      on: {
        OrderPlaced: {
          keys: ({ data }) => ({ id: data.orderId }),
          fold: (_, { data }): RowOf<typeof columns> => ({
            id: data.orderId,
            customer_id: data.customerId,
            status: 'placed',
            lines: data.lines satisfies OrderLines,
            item_count: data.itemCount,
            total: data.total.amount,
            currency: data.total.currency,
            reason: null,
            placed_at: data.placedAt,
            settled_at: null,
          }),
        },
        OrderConfirmed: {
          keys: ({ data }) => ({ id: data.orderId }),
          fold: (row, { data }) => row && { ...row, status: 'confirmed', settled_at: data.confirmedAt },
        },
        OrderCancelled: {
          keys: ({ data }) => ({ id: data.orderId }),
          fold: (row, { data }) => row && { ...row, status: 'cancelled', reason: data.reason, settled_at: data.cancelledAt },
        },
      },
    },
  },
});
