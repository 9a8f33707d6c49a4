import { defineEvents } from '@kiroku/core';
import * as z from 'zod';
import { id } from '../identity.ts';
import { price } from '../money/money.ts';
import { line } from '../text.ts';
import { paymentToken } from './token.ts';

const ofOrder = z.strictObject({ orderId: id });
/** With the payment's id at the payment service. */
const ofPayment = z.strictObject({ orderId: id, paymentId: line(100) });
const declined = z.strictObject({ orderId: id, code: line(100) });

// What is requested is on record before the payment service is called, its answer after.
export const paymentEvents = defineEvents({
  PaymentRequested: { schema: z.strictObject({ orderId: id, amount: price, token: paymentToken }) },
  PaymentAuthorised: { schema: ofPayment },
  PaymentDeclined: { schema: declined },
  CaptureRequested: { schema: ofPayment },
  PaymentCaptured: { schema: ofPayment },
  CaptureDeclined: { schema: declined },
  VoidRequested: { schema: ofOrder },
  PaymentVoided: { schema: ofOrder },
  RefundRequested: { schema: ofPayment },
  PaymentRefunded: { schema: ofPayment },
});
