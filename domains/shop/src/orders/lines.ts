import type { EventOf, Rejection } from '@kiroku/core';
import type { ProductState } from '../catalog/product/evolve.ts';
import { addMoney, isProblem, type Money, multiplyMoney } from '../money/money.ts';
import { refuse } from '../rejections.ts';
import type { orderEvents } from './events.ts';

export interface Item {
  readonly productId: string;
  readonly quantity: number;
}
type Lines = Extract<EventOf<typeof orderEvents>, { readonly type: 'OrderPlaced' }>['data']['lines'];

/** Pieces of one product that an order may have at most. */
const maxQuantity = 999;

/** One item per product, in the order of first mention. */
export function mergeItems(items: readonly Item[]): readonly Item[] {
  const quantities = new Map<string, number>();
  for (const { productId, quantity } of items) quantities.set(productId, (quantities.get(productId) ?? 0) + quantity);
  return [...quantities].map(([productId, quantity]) => ({ productId, quantity }));
}

/** Priced lines and their total, or why there is none. `products` stand in the order of the merged items. */
export function priceLines(
  items: readonly Item[],
  products: readonly ProductState[],
): Rejection | { readonly lines: Lines; readonly total: Money } {
  const merged = mergeItems(items);
  const tooMany = merged.find(({ quantity }) => quantity > maxQuantity);
  if (tooMany !== undefined) {
    return refuse('QuantityTooLarge', `An order takes at most ${maxQuantity} of one product, not ${tooMany.quantity}.`, { ...tooMany });
  }
  const unknown = idsOf(merged, products, 'none');
  if (unknown.length > 0) return refuse('ProductNotFound', `There is no product ${unknown.join(', ')}.`, { productIds: unknown });
  const gone = idsOf(merged, products, 'discontinued');
  if (gone.length > 0) return refuse('ProductIsDiscontinued', `No longer sold: ${gone.join(', ')}.`, { productIds: gone });
  return total(merged.flatMap((item, index) => priceLine(item, products[index])));
}

function idsOf(items: readonly Item[], products: readonly ProductState[], status: ProductState['status']): readonly string[] {
  return items.filter((_, index) => (products[index]?.status ?? 'none') === status).map(({ productId }) => productId);
}

interface PricedLine extends Item {
  readonly name: string;
  readonly unitPrice: Money;
  readonly lineTotal: Money | 'AmountTooLarge';
}

function priceLine(item: Item, product: ProductState | undefined): readonly PricedLine[] {
  if (product === undefined || product.status === 'none') return [];
  return [{ ...item, name: product.name, unitPrice: product.price, lineTotal: multiplyMoney(product.price, item.quantity) }];
}

function total(priced: readonly PricedLine[]): ReturnType<typeof priceLines> {
  const lines: Lines[number][] = [];
  let sum: Money | undefined;
  for (const line of priced) {
    if (isProblem(line.lineTotal)) return tooLarge();
    const next: ReturnType<typeof addMoney> = sum === undefined ? line.lineTotal : addMoney(sum, line.lineTotal);
    if (next === 'CurrencyMismatch') return mixed(priced);
    if (isProblem(next)) return tooLarge();
    sum = next;
    lines.push({ ...line, lineTotal: line.lineTotal });
  }
  if (sum === undefined) throw new RangeError('An order without lines was to be priced; the schema asks for at least one.');
  return { lines, total: sum };
}

function mixed(priced: readonly PricedLine[]): Rejection {
  const currencies = [...new Set(priced.map(({ unitPrice }) => unitPrice.currency))];
  return refuse('CurrencyMixed', `The products are priced in ${currencies.join(' and ')}. Place one order for each currency.`, {
    currencies,
  });
}

function tooLarge(): Rejection {
  return refuse('TotalTooLarge', 'The total is larger than can be counted. Split the order.');
}
