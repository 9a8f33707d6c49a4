import { type Decide, defineAggregate, isRejection } from '@kiroku/core';
import { refuse } from '../rejections.ts';
import { orderCommands } from './commands.ts';
import type { orderEvents } from './events.ts';
import { type OrderState, orderState, type Placement } from './evolve.ts';
import { priceLines } from './lines.ts';
import { orderAlreadySettled, orderNotFound } from './refusals.ts';

const decide: Decide<OrderState, typeof orderCommands, typeof orderEvents> = {
  PlaceOrder: (state, { data: { orderId, customerId, items, paymentToken = 'on-account' }, at }, { customer, products }) => {
    if (state.status !== 'none') return refuse('OrderExists', `The order id ${orderId} is taken.`, { orderId });
    if (customer.status === 'none') return refuse('CustomerNotFound', `There is no customer ${customerId}.`, { customerId });
    const priced = priceLines(items, products);
    if (isRejection(priced)) return priced;
    const itemCount = priced.lines.reduce((sum, { quantity }) => sum + quantity, 0);
    return [{ type: 'OrderPlaced', data: { orderId, customerId, ...priced, itemCount, placedAt: at, paymentToken } }];
  },

  ConfirmOrder: (state, { data: { orderId }, at }, { reserved, payment }) => {
    if (state.status === 'none') return orderNotFound(orderId);
    if (state.status !== 'placed') return orderAlreadySettled(state.status, orderId);
    const missing = state.lines.filter(({ productId, quantity }) => (reserved[productId] ?? 0) < quantity);
    if (missing.length > 0) {
      const productIds = missing.map(({ productId }) => productId);
      return refuse('StockNotReserved', `${missing.length} of ${state.lines.length} lines are not reserved.`, { productIds });
    }
    if (state.toBePaid && payment.status !== 'captured') {
      return refuse('PaymentMissing', `The payment of the order is ${payment.status}.`, { orderId, status: payment.status });
    }
    return [{ type: 'OrderConfirmed', data: { orderId, ...placement(state), confirmedAt: at } }];
  },

  CancelOrder: (state, { data: { orderId, reason }, at }) => {
    if (state.status === 'none') return orderNotFound(orderId);
    if (state.status !== 'placed') return orderAlreadySettled(state.status, orderId);
    return [{ type: 'OrderCancelled', data: { orderId, ...placement(state), reason, cancelledAt: at } }];
  },
};

function placement({ customerId, total, itemCount, placedAt }: Placement): Placement {
  return { customerId, total, itemCount, placedAt };
}

export const order = defineAggregate({ ...orderState, commands: orderCommands, decide });
