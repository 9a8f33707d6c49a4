import type { StateDefinition } from '@kiroku/core';
import type { Money } from '../money/money.ts';
import { orderEvents } from './events.ts';

export type OrderState =
  | { readonly status: 'none' }
  | ({
      readonly status: 'placed';
      readonly lines: readonly { readonly productId: string; readonly quantity: number }[];
      /** Must it be paid for before it is confirmed? */
      readonly toBePaid: boolean;
    } & Placement)
  | { readonly status: 'confirmed' | 'cancelled' };

/** What later events of the order repeat. */
export interface Placement {
  readonly customerId: string;
  readonly total: Money;
  readonly itemCount: number;
  readonly placedAt: string;
}

/** An order's state, also for the commands of others. */
export const orderState: StateDefinition<OrderState, typeof orderEvents> = {
  name: 'order',
  events: orderEvents,
  initialState: { status: 'none' },
  evolve: {
    OrderPlaced: (_, { data: { lines, customerId, total, itemCount, placedAt, paymentToken } }) => ({
      status: 'placed',
      lines: lines.map(({ productId, quantity }) => ({ productId, quantity })),
      toBePaid: paymentToken !== null && total.amount > 0,
      customerId,
      total,
      itemCount,
      placedAt,
    }),
    OrderConfirmed: () => ({ status: 'confirmed' }),
    OrderCancelled: () => ({ status: 'cancelled' }),
  },
};
