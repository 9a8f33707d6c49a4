import type { QueryParams } from '../upstream/services.ts';
import { fromMoneyInput } from './money-input.ts';

export interface Paged {
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
export interface ProductsArgs extends Paged {
  readonly filter?: ProductFilter | null;
  readonly sort?: 'NAME' | 'PRICE' | 'NEWEST' | null;
}
export interface OrdersArgs extends Paged {
  readonly status?: 'PLACED' | 'CONFIRMED' | 'CANCELLED' | null;
}

// What a query of the schema asks of the query service. Answers are kept by the text of it: whoever fills the cache asks in the same words.

export function productsParams(args: ProductsArgs): QueryParams<'products'> {
  return { ...paging(args), ...filterParams(args.filter ?? {}), sort: lowerCase(args.sort ?? 'NAME') };
}

export function customersParams(args: Paged & { readonly search?: string | null }): QueryParams<'customers'> {
  return { ...paging(args), ...given({ search: args.search }) };
}

export function ordersParams(args: OrdersArgs): QueryParams<'orders'> {
  return { ...paging(args), ...(args.status && { status: lowerCase(args.status) }) };
}

export function ordersByCustomerParams(args: Paged & { readonly customerId: string }): QueryParams<'ordersByCustomer'> {
  return { ...paging(args), customerId: args.customerId };
}

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
