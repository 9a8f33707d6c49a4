import { toConnection } from './connection.ts';
import { ask, type GatewayContext, type Reading } from './context.ts';
import {
  customersParams,
  type OrdersArgs,
  ordersByCustomerParams,
  ordersParams,
  type Paged,
  type ProductsArgs,
  productsParams,
} from './query-params.ts';
import { toOrder } from './views.ts';

interface ById extends Reading {
  readonly id: string;
}
interface PagedReading extends Reading, Paged {}

/** Resolvers of the root's queries: each is one call to the query service. */
export const queries = {
  product: (_: unknown, { id, ...reading }: ById, context: GatewayContext) => ask(context, 'product', { id }, reading),
  products: async (_: unknown, args: PagedReading & ProductsArgs, context: GatewayContext) =>
    toConnection(await ask(context, 'products', productsParams(args), args), args.after, (product) => product),
  categoryTree: (_: unknown, reading: Reading, context: GatewayContext) => ask(context, 'categoryTree', {}, reading),
  category: (_: unknown, { id, ...reading }: ById, context: GatewayContext) => ask(context, 'category', { id }, reading),
  order: async (_: unknown, { id, ...reading }: ById, context: GatewayContext) => {
    const order = await ask(context, 'order', { id }, reading);
    return order && toOrder(order);
  },
  orders: async (_: unknown, args: PagedReading & OrdersArgs, context: GatewayContext) =>
    toConnection(await ask(context, 'orders', ordersParams(args), args), args.after, toOrder),
  ordersByCustomer: async (_: unknown, args: PagedReading & { customerId: string }, context: GatewayContext) =>
    toConnection(await ask(context, 'ordersByCustomer', ordersByCustomerParams(args), args), args.after, toOrder),
  customer: (_: unknown, { id, ...reading }: ById, context: GatewayContext) => ask(context, 'customer', { id }, reading),
  customers: async (_: unknown, args: PagedReading & { search?: string | null }, context: GatewayContext) =>
    toConnection(await ask(context, 'customers', customersParams(args), args), args.after, (customer) => customer),
  salesPerDay: async (_: unknown, { from, to, ...reading }: Reading & { from: string; to: string }, context: GatewayContext) => {
    const days = await ask(context, 'salesPerDay', { from, to }, reading);
    return days.map((day) => ({ ...day, revenue: { amount: BigInt(day.revenue.amount), currency: day.revenue.currency } }));
  },
};
