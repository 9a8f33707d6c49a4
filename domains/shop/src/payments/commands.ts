import { command, readAggregate } from '@kiroku/core';
import * as z from 'zod';
import { id } from '../identity.ts';
import { price } from '../money/money.ts';
import { orderState } from '../orders/evolve.ts';
import { line } from '../text.ts';
import { paymentToken } from './token.ts';

const target = (data: { readonly orderId: string }) => data.orderId;
const reads = (data: { readonly orderId: string }) => ({ order: readAggregate(orderState, data.orderId) });
const ofOrder = z.strictObject({ orderId: id });
const paymentId = line(100);
const code = line(100);
/** With the payment's id at the payment service, which the call needs. */
const ofPayment = z.strictObject({ orderId: id, paymentId });

export const paymentCommands = {
  AuthorisePayment: command({
    description: 'Has the amount of an order held on what the token stands for.',
    schema: z.strictObject({ orderId: id, amount: price, token: paymentToken }),
    target,
    creates: true,
    reads,
  }),
  RecordAuthorisation: command({
    description: 'Records what the payment service answered to an authorisation.',
    schema: z.discriminatedUnion('outcome', [
      z.strictObject({ orderId: id, outcome: z.literal('authorised'), paymentId }),
      z.strictObject({ orderId: id, outcome: z.literal('declined'), code }),
    ]),
    target,
  }),
  CapturePayment: command({
    description: 'Takes the amount that is held for an order.',
    schema: ofPayment,
    target,
    reads,
  }),
  RecordCapture: command({
    description: 'Records what the payment service answered to a capture.',
    schema: z.discriminatedUnion('outcome', [
      z.strictObject({ orderId: id, outcome: z.literal('captured') }),
      z.strictObject({ orderId: id, outcome: z.literal('declined'), code }),
    ]),
    target,
  }),
  VoidPayment: command({
    description:
      'Gives up the amount that is held for an order, or may yet be. Does nothing for a payment that was declined or given back.',
    schema: ofOrder,
    target,
    reads,
  }),
  RecordVoid: command({ description: 'Records that nothing is held for an order.', schema: ofOrder, target }),
  RefundPayment: command({
    description: 'Gives back the amount that was taken for an order. Does nothing if none was.',
    schema: ofPayment,
    target,
    reads,
  }),
  RecordRefund: command({ description: 'Records that the amount was given back.', schema: ofOrder, target }),
};
