import type { Sending } from '@kiroku/core';
import type { Declined, PaymentOutcome, ShippingOutcome } from '@kiroku/shop';

type Of<Outcome extends string> = Extract<PaymentOutcome | ShippingOutcome, { readonly outcome: Outcome }>;

/** The commands that record what became of an order's calls, whether their answer came or was announced. */
export const recordings = {
  authorise: (orderId: string, answer: Of<'authorised'> | Declined): Sending => {
    if (answer.outcome === 'declined') return record('RecordAuthorisation', declined(orderId, answer));
    return record('RecordAuthorisation', { orderId, outcome: answer.outcome, paymentId: answer.paymentId });
  },
  capture: (orderId: string, answer: Of<'captured'> | Declined): Sending =>
    record('RecordCapture', answer.outcome === 'declined' ? declined(orderId, answer) : { orderId, outcome: answer.outcome }),
  void: (orderId: string): Sending => record('RecordVoid', { orderId }),
  refund: (orderId: string): Sending => record('RecordRefund', { orderId }),
  arrange: (orderId: string, answer: Of<'arranged'> | Declined): Sending => {
    if (answer.outcome === 'declined') return record('RecordArrangement', declined(orderId, answer));
    const { outcome, shipmentId, trackingCode } = answer;
    return record('RecordArrangement', { orderId, outcome, shipmentId, trackingCode });
  },
  cancel: (orderId: string): Sending => record('RecordShipmentCancellation', { orderId }),
};

function declined(orderId: string, { outcome, code }: Declined): object {
  return { orderId, outcome, code };
}

function record(type: string, data: object): Sending {
  return { type, data };
}
