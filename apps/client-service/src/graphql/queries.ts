import { toConnection } from './connection.ts';
import { ask, type GatewayContext, type Reading } from './context.ts';
import { fromMoneyInput } from './money-input.ts';
import { toOrder } from './views.ts';

interface ById extends Reading {
  readonly id: string;
}
interface Paged extends Reading {
  readonly first?: number | null;
  readonly after?: string | null;
}
interface ProductFilter {
  readonly categoryId?: string | null;
  readonly includeSubcategories?: boolean | null;
  readonly search?: string | null;
  readonly price?: { readonly currency: string; readonly min?: string | null; readonly max?: string | null } | null;
  readonly includeDiscontinued?: boolean | null;
}
interface ProductsArgs extends Paged {
  readonly filter?: ProductFilter | null;
  readonly sort?: 'NAME' | 'PRICE' | 'NEWEST' | null;
}

/** Resolvers of the root's queries: each is one call to the query service. */
export const queries = {
  product: (_: unknown, { id, ...reading }: ById, context: GatewayContext) => ask(context, 'product', { id }, reading),
  products: async (_: unknown, args: ProductsArgs, context: GatewayContext) => {
    const params = { ...paging(args), ...filterParams(args.filter ?? {}), sort: lowerCase(args.sort ?? 'NAME') };
    return toConnection(await ask(context, 'products', params, args), args.after, (product) => product);
  },
  categoryTree: (_: unknown, reading: Reading, context: GatewayContext) => ask(context, 'categoryTree', {}, reading),
  category: (_: unknown, { id, ...reading }: ById, context: GatewayContext) => ask(context, 'category', { id }, reading),
  order: async (_: unknown, { id, ...reading }: ById, context: GatewayContext) => {
    const order = await ask(context, 'order', { id }, reading);
    return order && toOrder(order);
  },
  orders: async (_: unknown, args: Paged & { status?: 'PLACED' | 'CONFIRMED' | 'CANCELLED' | null }, context: GatewayContext) => {
    const params = { ...paging(args), ...(args.status && { status: lowerCase(args.status) }) };
    return toConnection(await ask(context, 'orders', params, args), args.after, toOrder);
  },
  ordersByCustomer: async (_: unknown, args: Paged & { customerId: string }, context: GatewayContext) => {
    const params = { ...paging(args), customerId: args.customerId };
    return toConnection(await ask(context, 'ordersByCustomer', params, args), args.after, toOrder);
  },
  customer: (_: unknown, { id, ...reading }: ById, context: GatewayContext) => ask(context, 'customer', { id }, reading),
  customers: async (_: unknown, args: Paged & { search?: string | null }, context: GatewayContext) => {
    const params = { ...paging(args), ...given({ search: args.search }) };
    return toConnection(await ask(context, 'customers', params, args), args.after, (customer) => customer);
  },
  salesPerDay: async (_: unknown, { from, to, ...reading }: Reading & { from: string; to: string }, context: GatewayContext) => {
    const days = await ask(context, 'salesPerDay', { from, to }, reading);
    return days.map((day) => ({ ...day, revenue: { amount: BigInt(day.revenue.amount), currency: day.revenue.currency } }));
  },
};

function paging({ first, after }: Paged) {
  return given({ first, after });
}

function filterParams({ price, ...filter }: ProductFilter) {
  return { ...given(filter), ...(price && { price: priceRange(price) }) };
}

function priceRange({ currency, min, max }: NonNullable<ProductFilter['price']>) {
  const minor = (amount: string, end: string) => fromMoneyInput({ amount, currency }, `filter.price.${end}`).amount;
  return {
    currency,
    ...(typeof min === 'string' && { min: minor(min, 'min') }),
    ...(typeof max === 'string' && { max: minor(max, 'max') }),
  };
}

/** Leaves out what is null or absent: the services have their own defaults. */
function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], null | undefined> } {
  const entries = Object.entries(values).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], null | undefined> }; // the same entries, less the empty ones
}

// The words of an enum in GraphQL are those of the services in capitals.
function lowerCase<S extends string>(word: S): Lowercase<S> {
  return word.toLowerCase() as Lowercase<S>;
}
