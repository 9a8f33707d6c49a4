import type { StateDefinition } from '@kiroku/core';
import { stockEvents } from './events.ts';

/** What there is of a product. Who reserved how much is found by tag, so that this stays small however many orders come. */
export interface StockState {
  readonly onHand: number;
  /** Of what is on hand, so many pieces are promised to orders. */
  readonly reserved: number;
}

/** The stock of a product, also for the commands of others. The stream's id is the product's. */
export const stockState: StateDefinition<StockState, typeof stockEvents> = {
  name: 'stock',
  events: stockEvents,
  initialState: { onHand: 0, reserved: 0 },
  // The stream of a product that sells well grows with every order.
  snapshot: { every: 100, stateVersion: 1 },
  evolve: {
    StockReceived: ({ onHand, reserved }, { data }) => ({ onHand: onHand + data.quantity, reserved }),
    StockAdjusted: ({ onHand, reserved }, { data }) => ({ onHand: onHand + data.change, reserved }),
    StockReserved: ({ onHand, reserved }, { data }) => ({ onHand, reserved: reserved + data.quantity }),
    StockReleased: ({ onHand, reserved }, { data }) => ({ onHand, reserved: reserved - data.quantity }),
  },
};
