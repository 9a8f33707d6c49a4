import { command, readAggregate } from '@kiroku/core';
import * as z from 'zod';
import { productState } from '../catalog/product/evolve.ts';
import { id } from '../identity.ts';
import { orderState } from '../orders/evolve.ts';
import { line } from '../text.ts';
import { readReservation } from './reads.ts';

const most = 1_000_000;
const target = (data: { readonly productId: string }) => data.productId;

export const stockCommands = {
  ReceiveStock: command({
    description: 'Pieces of a product have arrived.',
    schema: z.strictObject({ productId: id, quantity: z.int().min(1).max(most) }),
    target,
    reads: (data) => ({ product: readAggregate(productState, data.productId) }),
  }),
  AdjustStock: command({
    description: 'Corrects the stock after a count, breakage or loss: so many pieces more or, if negative, fewer.',
    schema: z.strictObject({
      productId: id,
      change: z
        .int()
        .min(-most)
        .max(most)
        .refine((pieces) => pieces !== 0, 'must not be 0'),
      reason: line(200),
    }),
    target,
    reads: (data) => ({ product: readAggregate(productState, data.productId) }),
  }),
  ReserveStock: command({
    description: 'Promises the pieces of an order line to the order.',
    schema: z.strictObject({ productId: id, orderId: id, quantity: z.int().min(1).max(999) }),
    target,
    reads: (data) => ({ order: readAggregate(orderState, data.orderId), held: readReservation(data.orderId, data.productId) }),
  }),
  ReleaseStock: command({
    description: 'Gives back what is reserved of a product for an order that has not been confirmed.',
    schema: z.strictObject({ productId: id, orderId: id }),
    target,
    reads: (data) => ({ order: readAggregate(orderState, data.orderId), held: readReservation(data.orderId, data.productId) }),
  }),
};
