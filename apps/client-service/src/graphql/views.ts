import type { QueryResult } from '../upstream/services.ts';

type OrderView = NonNullable<QueryResult<'order'>>;

/** An order as the schema has it. */
export function toOrder(order: OrderView) {
  return { ...order, status: order.status.toUpperCase() };
}
