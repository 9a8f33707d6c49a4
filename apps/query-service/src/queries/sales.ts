import { salesPerDay as salesPerDayProjection, shopQueries } from '@kiroku/shop';
import { answer } from '../answering/answer.ts';

/** Sales by day and currency. */
export const salesPerDay = answer(shopQueries.salesPerDay, async (snapshot, { from, to }) => {
  const rows = await snapshot
    .tables(salesPerDayProjection)
    .selectFrom('day as d')
    .where('d.day', '>=', from)
    .where('d.day', '<=', to)
    .select(['d.day', 'd.currency', 'd.orders', 'd.items', 'd.revenue'])
    .orderBy('d.day')
    .orderBy('d.currency')
    .execute();
  return rows.map(({ day, currency, orders, items, revenue }) => ({ day, revenue: { amount: revenue, currency }, orders, items }));
});
