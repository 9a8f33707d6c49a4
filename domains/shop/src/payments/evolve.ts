import type { StateDefinition } from '@kiroku/core';
import { paymentEvents } from './events.ts';

export type PaymentState =
  | { readonly status: 'none' | 'requested' | 'declined' | 'voiding' | 'voided' }
  | { readonly status: 'authorised' | 'capturing' | 'captured' | 'refunding' | 'refunded'; readonly paymentId: string };

/** The payment of an order, also for the commands of others. The stream's id is the order's. */
export const paymentState: StateDefinition<PaymentState, typeof paymentEvents> = {
  name: 'payment',
  events: paymentEvents,
  initialState: { status: 'none' },
  evolve: {
    PaymentRequested: () => ({ status: 'requested' }),
    PaymentAuthorised: (_, { data: { paymentId } }) => ({ status: 'authorised', paymentId }),
    PaymentDeclined: () => ({ status: 'declined' }),
    CaptureRequested: (_, { data: { paymentId } }) => ({ status: 'capturing', paymentId }),
    PaymentCaptured: (_, { data: { paymentId } }) => ({ status: 'captured', paymentId }),
    CaptureDeclined: (state) => ('paymentId' in state ? { status: 'authorised', paymentId: state.paymentId } : state),
    VoidRequested: () => ({ status: 'voiding' }),
    PaymentVoided: () => ({ status: 'voided' }),
    RefundRequested: (_, { data: { paymentId } }) => ({ status: 'refunding', paymentId }),
    PaymentRefunded: (_, { data: { paymentId } }) => ({ status: 'refunded', paymentId }),
  },
};
