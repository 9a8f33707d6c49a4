import { defineProcessManager } from '@kiroku/core';
import { stockCommands } from '../inventory/commands.ts';
import { stockEvents } from '../inventory/events.ts';
import { is } from '../rejections.ts';
import { orderCommands } from './commands.ts';
import { begin, cancelled, confirmed, type Fulfilment, giveUp, refused, released, reserved, stop } from './earlier-fulfilment-steps.ts';
import { orderEvents } from './events.ts';

/**
 * Fulfils orders that were placed before they were paid for: those without a payment token. Reserves the stock of an order, line by line, then confirms it. If a line cannot be reserved, or the order is
 * cancelled meanwhile, whatever was or will yet be reserved is released. Ends confirmed with all lines reserved, or
 * cancelled with none, whatever order the outcomes arrive in.
 */
export const earlierFulfilment = defineProcessManager({
  name: 'fulfilment',
  events: { ...orderEvents, ...stockEvents },
  commands: {
    ReserveStock: stockCommands.ReserveStock,
    ReleaseStock: stockCommands.ReleaseStock,
    ConfirmOrder: orderCommands.ConfirmOrder,
    CancelOrder: orderCommands.CancelOrder,
  },
  initialState: { phase: 'new' } as Fulfilment, // widens to all phases
  on: {
    OrderPlaced: { correlate: ({ data }) => data.orderId, starts: true, react: (_, { data }) => begin(data.orderId, data.lines) },
    StockReserved: { correlate: ({ data }) => data.orderId, react: (state, { data }) => reserved(state, data.productId) },
    StockReleased: { correlate: ({ data }) => data.orderId, react: (state, { data }) => released(state, data.productId) },
    OrderConfirmed: { correlate: ({ data }) => data.orderId, react: () => confirmed() },
    OrderCancelled: { correlate: ({ data }) => data.orderId, react: (state) => cancelled(state) },
  },
  // An order that is settled already has its event on the way, which ends this.
  onRejected: {
    ReserveStock: (state, rejection, { data }) => refused(state, data.productId, rejection),
    ReleaseStock: (state, { code }) => (is(code, 'OrderAlreadyConfirmed') ? { state } : undefined),
    ConfirmOrder: (state, { code, message }) => {
      if (is(code, 'OrderAlreadyCancelled')) return stop(state);
      if (is(code, 'StockNotReserved')) return giveUp(state, message);
      return is(code, 'OrderAlreadyConfirmed') ? { state } : undefined;
    },
    CancelOrder: (state, { code }) => (is(code, 'OrderAlreadyCancelled') || is(code, 'OrderAlreadyConfirmed') ? { state } : undefined),
  },
});
