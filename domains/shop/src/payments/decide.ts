import { type Decide, defineAggregate, type Rejection } from '@kiroku/core';
import type { OrderState } from '../orders/evolve.ts';
import { orderAlreadySettled, orderNotFound } from '../orders/refusals.ts';
import { refuse } from '../rejections.ts';
import { paymentCommands } from './commands.ts';
import type { paymentEvents } from './events.ts';
import { type PaymentState, paymentState } from './evolve.ts';

// What is under way is requested again when it is asked for again: the call is repeated with its key, and its answer recorded once.
const decide: Decide<PaymentState, typeof paymentCommands, typeof paymentEvents> = {
  AuthorisePayment: ({ status }, { data }, { order }) => {
    if (status === 'none' || status === 'requested') return notOpen(order, data.orderId) ?? [{ type: 'PaymentRequested', data }];
    if (status === 'voiding' || status === 'voided' || status === 'declined') return isOver(status, data.orderId);
    return [];
  },

  RecordAuthorisation: ({ status }, { data }) => {
    if (status !== 'requested') return []; // given up meanwhile, or recorded before
    const { orderId } = data;
    return data.outcome === 'authorised'
      ? [{ type: 'PaymentAuthorised', data: { orderId, paymentId: data.paymentId } }]
      : [{ type: 'PaymentDeclined', data: { orderId, code: data.code } }];
  },

  CapturePayment: (state, { data: { orderId } }, { order }) => {
    if (state.status === 'captured') return [];
    if (state.status !== 'authorised' && state.status !== 'capturing') return isOver(state.status, orderId);
    return notOpen(order, orderId) ?? [{ type: 'CaptureRequested', data: { orderId, paymentId: state.paymentId } }];
  },

  RecordCapture: (state, { data }) => {
    if (state.status !== 'capturing') return [];
    const { orderId } = data;
    return data.outcome === 'captured'
      ? [{ type: 'PaymentCaptured', data: { orderId, paymentId: state.paymentId } }]
      : [{ type: 'CaptureDeclined', data: { orderId, code: data.code } }];
  },

  VoidPayment: ({ status }, { data: { orderId } }, { order }) => {
    if (order.status === 'confirmed') return orderAlreadySettled(order.status, orderId);
    if (status === 'declined' || status === 'voided' || status === 'refunded') return [];
    if (status === 'capturing' || status === 'captured' || status === 'refunding') return inProgress(status, orderId);
    return [{ type: 'VoidRequested', data: { orderId } }];
  },

  RecordVoid: ({ status }, { data }) => (status === 'voiding' ? [{ type: 'PaymentVoided', data }] : []),

  RefundPayment: (state, { data: { orderId } }, { order }) => {
    if (order.status === 'confirmed') return orderAlreadySettled(order.status, orderId);
    if (state.status === 'capturing') return inProgress(state.status, orderId);
    if (state.status !== 'captured' && state.status !== 'refunding') return [];
    return [{ type: 'RefundRequested', data: { orderId, paymentId: state.paymentId } }];
  },

  RecordRefund: (state, { data: { orderId } }) =>
    state.status === 'refunding' ? [{ type: 'PaymentRefunded', data: { orderId, paymentId: state.paymentId } }] : [],
};

function notOpen(order: OrderState, orderId: string): Rejection | undefined {
  if (order.status === 'placed') return undefined;
  return order.status === 'none' ? orderNotFound(orderId) : orderAlreadySettled(order.status, orderId);
}

function isOver(status: PaymentState['status'], orderId: string): Rejection {
  return refuse('PaymentNotOpen', `The payment of the order is ${status === 'none' ? 'not authorised' : status}.`, { orderId, status });
}

function inProgress(status: PaymentState['status'], orderId: string): Rejection {
  return refuse('PaymentInProgress', `The payment of the order is ${status}. Ask again when that is over.`, { orderId, status });
}

export const payment = defineAggregate({ ...paymentState, commands: paymentCommands, decide });
