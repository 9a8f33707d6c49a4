import { defineEvents } from '@kiroku/core';
import * as z from 'zod';
import { id } from '../identity.ts';
import { price } from '../money/money.ts';
import { paymentToken } from '../payments/token.ts';
import { line } from '../text.ts';

/** A line as it was when the order was placed, whatever becomes of the catalogue. */
export const orderLine = z.strictObject({ productId: id, name: line(120), quantity: z.int().min(1), unitPrice: price, lineTotal: price });

const instant = z.iso.datetime();
/** Repeated in what settles an order, so that read models need not look it up. */
const placed = { orderId: id, customerId: id, total: price, itemCount: z.int().min(1), placedAt: instant };

export const orderEvents = defineEvents({
  OrderPlaced: {
    version: 2,
    /** No token: it was placed before orders were paid for. */
    schema: z.strictObject({ ...placed, lines: z.array(orderLine).min(1), paymentToken: paymentToken.nullable() }),
    upcasters: { 1: (data) => ({ ...data, paymentToken: null }) },
  },
  OrderConfirmed: { schema: z.strictObject({ ...placed, confirmedAt: instant }) },
  OrderCancelled: { schema: z.strictObject({ ...placed, reason: line(200), cancelledAt: instant }) },
});
