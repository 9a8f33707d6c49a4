import { defineEvents } from '@kiroku/core';
import * as z from 'zod';
import { id } from '../identity.ts';
import { line } from '../text.ts';
import { orderTag, reservationTag } from './tags.ts';

const pieces = z.int().min(1);
const reservation = z.strictObject({ productId: id, orderId: id, quantity: pieces });
const reservationTags = (data: z.output<typeof reservation>) => [orderTag(data.orderId), reservationTag(data.orderId, data.productId)];

export const stockEvents = defineEvents({
  StockReceived: { schema: z.strictObject({ productId: id, quantity: pieces }) },
  /** Counted anew, broken, lost: `change` pieces more or fewer. */
  StockAdjusted: { schema: z.strictObject({ productId: id, change: z.int(), reason: line(200) }) },
  StockReserved: { schema: reservation, tags: reservationTags },
  StockReleased: { schema: reservation, tags: reservationTags },
});
