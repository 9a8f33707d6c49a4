import { salesPerDay as salesPerDayProjection, shopQueries } from '@kiroku/shop';
import { answer } from '../answering/answer.ts';

/** Sales by day and currency. */
export const salesPerDay = answer(shopQueries.salesPerDay, {
  statement: (tables, value) =>
    tables
      .of(salesPerDayProjection)
      .selectFrom('day as d')
      .where(
        'd.day',
        '>=',
        value(({ from }) => from),
      )
      .where(
        'd.day',
        '<=',
        value(({ to }) => to),
      )
      .select(['d.day', 'd.currency', 'd.orders', 'd.items', 'd.revenue'])
      .orderBy('d.day')
      .orderBy('d.currency'),
  result: (rows) =>
    rows.map(({ day, currency, orders, items, revenue }) => ({ day, revenue: { amount: revenue, currency }, orders, items })),
});
