import { formatMoney, toDecimal } from '@kiroku/shop';
import type { QueryResult } from '../upstream/services.ts';

type OrderView = NonNullable<QueryResult<'order'>>;
type ProductView = NonNullable<QueryResult<'product'>>;

/** Money as the schema has it. */
export function toMoney(money: { readonly amount: number | bigint; readonly currency: string }) {
  return { amount: toDecimal(money), currency: money.currency, minorUnits: String(money.amount), formatted: formatMoney(money) };
}

/** A product as the schema has it. */
export function toProduct(product: ProductView) {
  return { ...product, price: toMoney(product.price) };
}

/** An order as the schema has it. */
export function toOrder(order: OrderView) {
  const lines = order.lines.map((line) => ({ ...line, unitPrice: toMoney(line.unitPrice), lineTotal: toMoney(line.lineTotal) }));
  return { ...order, status: order.status.toUpperCase(), total: toMoney(order.total), lines };
}
