import { type Decide, defineAggregate } from '@kiroku/core';
import { orderAlreadySettled, orderNotFound } from '../orders/refusals.ts';
import { refuse } from '../rejections.ts';
import { shipmentCommands } from './commands.ts';
import type { shipmentEvents } from './events.ts';
import { type ShipmentState, shipmentState } from './evolve.ts';

// As with payments: what is under way is requested again when it is asked for again.
const decide: Decide<ShipmentState, typeof shipmentCommands, typeof shipmentEvents> = {
  ArrangeShipment: ({ status }, { data }, { order }) => {
    const { orderId } = data;
    if (status === 'arranged') return [];
    if (status !== 'none' && status !== 'requested') {
      return refuse('ShipmentNotOpen', `The shipment of the order is ${status}.`, { orderId, status });
    }
    if (order.status === 'placed') return [{ type: 'ShipmentRequested', data }];
    return order.status === 'none' ? orderNotFound(orderId) : orderAlreadySettled(order.status, orderId);
  },

  RecordArrangement: ({ status }, { data }) => {
    if (status !== 'requested') return []; // given up meanwhile, or recorded before
    const { orderId } = data;
    if (data.outcome === 'declined') return [{ type: 'ShipmentDeclined', data: { orderId, code: data.code } }];
    return [{ type: 'ShipmentArranged', data: { orderId, shipmentId: data.shipmentId, trackingCode: data.trackingCode } }];
  },

  CancelShipment: ({ status }, { data }, { order }) => {
    if (order.status === 'confirmed') return orderAlreadySettled(order.status, data.orderId);
    return status === 'declined' || status === 'cancelled' ? [] : [{ type: 'ShipmentCancellationRequested', data }];
  },

  RecordShipmentCancellation: ({ status }, { data }) => (status === 'cancelling' ? [{ type: 'ShipmentCancelled', data }] : []),
};

export const shipment = defineAggregate({ ...shipmentState, commands: shipmentCommands, decide });
