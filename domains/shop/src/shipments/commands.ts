import { command, readAggregate } from '@kiroku/core';
import * as z from 'zod';
import { id } from '../identity.ts';
import { orderState } from '../orders/evolve.ts';
import { line } from '../text.ts';

const target = (data: { readonly orderId: string }) => data.orderId;
const reads = (data: { readonly orderId: string }) => ({ order: readAggregate(orderState, data.orderId) });
const ofOrder = z.strictObject({ orderId: id });

export const shipmentCommands = {
  ArrangeShipment: command({
    description: 'Has a carrier bring the pieces of an order to its customer.',
    schema: z.strictObject({ orderId: id, customerId: id, pieces: z.int().min(1) }),
    target,
    creates: true,
    reads,
  }),
  RecordArrangement: command({
    description: 'Records what the carrier answered.',
    schema: z.discriminatedUnion('outcome', [
      z.strictObject({ orderId: id, outcome: z.literal('arranged'), shipmentId: line(100), trackingCode: line(100) }),
      z.strictObject({ orderId: id, outcome: z.literal('declined'), code: line(100) }),
    ]),
    target,
  }),
  CancelShipment: command({
    description: 'Gives up the shipment of an order, arranged or not. Does nothing if the carrier declined it.',
    schema: ofOrder,
    target,
    reads,
  }),
  RecordShipmentCancellation: command({ description: 'Records that nobody will bring the order.', schema: ofOrder, target }),
};
