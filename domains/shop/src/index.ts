export { categoryTree } from './catalog/projections/category-tree.ts';
export { productList } from './catalog/projections/product-list.ts';
export { productSorts } from './catalog/queries.ts';
export { customerList } from './customers/projections/customer-list.ts';
export { isCurrency, minorDigits } from './money/currency.ts';
export { formatMoney, parseMoney, toDecimal } from './money/decimal.ts';
export { addMoney, isProblem, type Money, type MoneyProblem, money, multiplyMoney, price } from './money/money.ts';
export { fulfilment } from './orders/fulfilment.ts';
export { type OrderLines, orderSummary } from './orders/projections/order-summary.ts';
export { salesPerDay } from './orders/projections/sales-per-day.ts';
export { orderStatuses } from './orders/queries.ts';
export type { Declined, Found, KeyedCall, Unknown } from './outside/keyed-call.ts';
export { authorisationKey, captureKey, refundKey, voidKey } from './payments/keys.ts';
export type { PaymentOutcome, PaymentPort } from './payments/port.ts';
export { defineQuery, type QueryContract } from './query.ts';
export { type RejectionCode, rejections } from './rejections.ts';
export { type SeedCommand, seed, seededOrders } from './seed.ts';
export { arrangementKey, cancellationKey } from './shipments/keys.ts';
export type { ShippingOutcome, ShippingPort } from './shipments/port.ts';
export {
  type ShopCommand,
  type ShopCommandType,
  type ShopEvent,
  type ShopQueryName,
  shop,
  shopCommands,
  shopEvents,
  shopQueries,
} from './shop.ts';
