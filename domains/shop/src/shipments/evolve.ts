import type { StateDefinition } from '@kiroku/core';
import { shipmentEvents } from './events.ts';

export type ShipmentState = { readonly status: 'none' | 'requested' | 'declined' | 'arranged' | 'cancelling' | 'cancelled' };

/** The shipment of an order. The stream's id is the order's. */
export const shipmentState: StateDefinition<ShipmentState, typeof shipmentEvents> = {
  name: 'shipment',
  events: shipmentEvents,
  initialState: { status: 'none' },
  evolve: {
    ShipmentRequested: () => ({ status: 'requested' }),
    ShipmentArranged: () => ({ status: 'arranged' }),
    ShipmentDeclined: () => ({ status: 'declined' }),
    ShipmentCancellationRequested: () => ({ status: 'cancelling' }),
    ShipmentCancelled: () => ({ status: 'cancelled' }),
  },
};
