import { defineEvents } from '@kiroku/core';
import * as z from 'zod';
import { id } from '../identity.ts';
import { line } from '../text.ts';

const ofOrder = z.strictObject({ orderId: id });

// What is requested is on record before the carrier is called, its answer after.
export const shipmentEvents = defineEvents({
  ShipmentRequested: { schema: z.strictObject({ orderId: id, customerId: id, pieces: z.int().min(1) }) },
  /** With the shipment's id at the carrier, and what the customer follows it by. */
  ShipmentArranged: { schema: z.strictObject({ orderId: id, shipmentId: line(100), trackingCode: line(100) }) },
  ShipmentDeclined: { schema: z.strictObject({ orderId: id, code: line(100) }) },
  ShipmentCancellationRequested: { schema: ofOrder },
  ShipmentCancelled: { schema: ofOrder },
});
