import { command, readAggregate } from '@kiroku/core';
import * as z from 'zod';
import { productState } from '../catalog/product/evolve.ts';
import { customerState } from '../customers/evolve.ts';
import { id } from '../identity.ts';
import { readReservations } from '../inventory/reads.ts';
import { paymentState } from '../payments/evolve.ts';
import { paymentToken } from '../payments/token.ts';
import { line } from '../text.ts';
import { mergeItems } from './lines.ts';

const target = (data: { readonly orderId: string }) => data.orderId;

export const orderCommands = {
  PlaceOrder: command({
    description: 'Orders products for a customer, at the names and prices of the catalogue. A product named twice becomes one line.',
    schema: z.strictObject({
      orderId: id,
      customerId: id,
      items: z
        .array(z.strictObject({ productId: id, quantity: z.int().min(1).max(999) }))
        .min(1, 'must have at least one item')
        .max(50, 'must have at most 50 items'),
      paymentToken: paymentToken.optional().describe('Stands for the means of payment. Default: `on-account`.'),
    }),
    target,
    creates: true,
    reads: (data) => ({
      customer: readAggregate(customerState, data.customerId),
      products: mergeItems(data.items).map(({ productId }) => readAggregate(productState, productId)),
    }),
  }),
  ConfirmOrder: command({
    description: 'Confirms an order whose lines are all reserved and which is paid for.',
    schema: z.strictObject({ orderId: id }),
    target,
    reads: (data) => ({ reserved: readReservations(data.orderId), payment: readAggregate(paymentState, data.orderId) }),
  }),
  CancelOrder: command({
    description: 'Cancels an order that has not been confirmed.',
    schema: z.strictObject({ orderId: id, reason: line(200) }),
    target,
  }),
};
