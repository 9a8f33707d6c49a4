import { defineProjection } from '@kiroku/core';
import { largeSum } from '../../money/large-sum.ts';
import { orderEvents } from '../events.ts';

/** Confirmed orders by the day (UTC) they were placed on, one row per day and currency. */
export const salesPerDay = defineProjection({
  name: 'sales-per-day',
  version: 2,
  events: orderEvents,
  tables: {
    day: {
      /** `revenue` is in minor units as text: a day's sum may be larger than a number holds, and must not stop the read model. */
      columns: { day: 'date key', currency: 'text key', orders: 'integer', items: 'integer', revenue: 'text' },
      on: {
        OrderConfirmed: {
          keys: ({ data }) => ({ day: data.placedAt.slice(0, 10), currency: data.total.currency }),
          fold: (row, { data }, key) => ({
            ...key,
            orders: (row?.orders ?? 0) + 1,
            items: (row?.items ?? 0) + data.itemCount,
            revenue: largeSum(row?.revenue, data.total.amount),
          }),
        },
      },
    },
  },
});
