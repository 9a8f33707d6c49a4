import { type Decide, type Decision, defineAggregate, type EventOf, type Rejection } from '@kiroku/core';
import type { ProductState } from '../catalog/product/evolve.ts';
import type { OrderState } from '../orders/evolve.ts';
import { orderAlreadySettled, orderNotFound } from '../orders/refusals.ts';
import { refuse } from '../rejections.ts';
import { stockCommands } from './commands.ts';
import type { stockEvents } from './events.ts';
import { type StockState, stockState } from './evolve.ts';

const limit = 1_000_000_000;

const decide: Decide<StockState, typeof stockCommands, typeof stockEvents> = {
  ReceiveStock: (stock, { data }, { product }) =>
    notSold(product, data.productId) ?? tooLarge(stock, data.quantity) ?? [{ type: 'StockReceived', data }],

  AdjustStock: (stock, { data }, { product }) =>
    notSold(product, data.productId) ??
    tooLarge(stock, data.change) ??
    belowReserved(stock, data.change) ?? [{ type: 'StockAdjusted', data }],

  ReserveStock: (stock, { data }, { order, held }) => {
    if (held > 0) return [];
    const { productId, orderId, quantity } = data;
    return notOpen(order, orderId) ?? notOrdered(order, productId, quantity) ?? reserve(stock, data);
  },

  ReleaseStock: (_, { data: { productId, orderId } }, { order, held }) => {
    if (held === 0) return [];
    if (order.status === 'confirmed') return orderAlreadySettled(order.status, orderId);
    return [{ type: 'StockReleased', data: { productId, orderId, quantity: held } }];
  },
};

function reserve(
  stock: StockState,
  data: { readonly productId: string; readonly orderId: string; readonly quantity: number },
): Decision<EventOf<typeof stockEvents>> {
  const available = stock.onHand - stock.reserved;
  if (available >= data.quantity) return [{ type: 'StockReserved', data }];
  return refuse('InsufficientStock', `${data.quantity} wanted, ${available} available.`, {
    productId: data.productId,
    wanted: data.quantity,
    available,
  });
}

function notSold(product: ProductState, productId: string): Rejection | undefined {
  if (product.status === 'sold') return undefined;
  return product.status === 'none'
    ? refuse('ProductNotFound', `There is no product ${productId}.`, { productIds: [productId] })
    : refuse('ProductIsDiscontinued', `${product.name} is no longer sold.`, { productIds: [productId] });
}

function tooLarge({ onHand }: StockState, change: number): Rejection | undefined {
  if (onHand + change <= limit) return undefined;
  return refuse('StockTooLarge', `Stock is limited to ${limit} pieces; ${onHand} are on hand.`, { onHand, limit });
}

function belowReserved({ onHand, reserved }: StockState, change: number): Rejection | undefined {
  if (onHand + change >= reserved) return undefined;
  return refuse('StockBelowReserved', `${onHand} are on hand and ${reserved} of them reserved; ${-change} cannot be taken away.`, {
    onHand,
    reserved,
  });
}

function notOpen(order: OrderState, orderId: string): Rejection | undefined {
  if (order.status === 'placed') return undefined;
  return order.status === 'none' ? orderNotFound(orderId) : orderAlreadySettled(order.status, orderId);
}

function notOrdered(order: OrderState, productId: string, quantity: number): Rejection | undefined {
  if (order.status === 'placed' && order.lines.some((line) => line.productId === productId && line.quantity === quantity)) return undefined;
  return refuse('NotOrdered', `The order has no line of ${quantity} of this product.`, { productId, quantity });
}

export const stock = defineAggregate({ ...stockState, commands: stockCommands, decide });
