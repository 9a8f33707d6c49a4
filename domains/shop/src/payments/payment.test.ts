import { invalid, nothing, on, rejected, scenario } from '@kiroku/testing';
import { describe, test } from 'vitest';
import { aPaidOrder, cancelled, confirmed, eur, firstOrder, oneMug } from '../shop.examples.ts';
import { payment } from './decide.ts';

const { given } = scenario(payment);
const orderId = firstOrder;
const ofOrder = { orderId };
const ofPayment = { orderId, paymentId: 'p-1' };
const ordered = aPaidOrder(orderId, oneMug);
const request = { orderId, amount: eur(1000), token: 'visa-1' };
const requested = on(payment, orderId, { type: 'PaymentRequested', data: request });
const authorised = on(payment, orderId, { type: 'PaymentAuthorised', data: ofPayment });
const capturing = on(payment, orderId, { type: 'CaptureRequested', data: ofPayment });
const captured = on(payment, orderId, { type: 'PaymentCaptured', data: ofPayment });
const declined = on(payment, orderId, { type: 'PaymentDeclined', data: { orderId, code: 'NoFunds' } });
const voiding = on(payment, orderId, { type: 'VoidRequested', data: ofOrder });
const voided = on(payment, orderId, { type: 'PaymentVoided', data: ofOrder });
const refunding = on(payment, orderId, { type: 'RefundRequested', data: ofPayment });
const refunded = on(payment, orderId, { type: 'PaymentRefunded', data: ofPayment });

describe('authorising a payment', () => {
  const authorise = { type: 'AuthorisePayment', data: request } as const;
  const answered = { type: 'RecordAuthorisation', data: { orderId, outcome: 'authorised', paymentId: 'p-1' } } as const;

  test('is requested, also again while there is no answer, and not once there is one', () => {
    given(ordered).when(authorise).then({ type: 'PaymentRequested', data: request });
    given(ordered, requested).when(authorise).then({ type: 'PaymentRequested', data: request });
    given(ordered, requested, authorised).when(authorise).then(nothing);
  });

  test('is recorded as it was answered', () => {
    given(ordered, requested).when(answered).then({ type: 'PaymentAuthorised', data: ofPayment });
    given(ordered, requested)
      .when({ type: 'RecordAuthorisation', data: { orderId, outcome: 'declined', code: 'NoFunds' } })
      .then({ type: 'PaymentDeclined', data: { orderId, code: 'NoFunds' } });
  });

  test('is not recorded when it was given up meanwhile, or is recorded already', () => {
    given(ordered, requested, voiding).when(answered).then(nothing);
    given(ordered, requested, authorised).when(answered).then(nothing);
  });

  test('is refused when it was declined or given up before', () => {
    given(ordered, requested, declined).when(authorise).then(rejected('PaymentNotOpen'));
    given(ordered, voiding).when(authorise).then(rejected('PaymentNotOpen'));
    given(ordered, voiding, voided).when(authorise).then(rejected('PaymentNotOpen'));
  });

  test('is refused for an order that is not there, confirmed or cancelled', () => {
    given().when(authorise).then(rejected('OrderNotFound'));
    given(ordered, confirmed(orderId, oneMug)).when(authorise).then(rejected('OrderAlreadyConfirmed'));
    given(ordered, cancelled(orderId, oneMug)).when(authorise).then(rejected('OrderAlreadyCancelled'));
  });

  test.each(['4111111111111111', 'card-4111111111111111', ''])('is invalid with the card number or token "%s"', (token) => {
    given()
      .when({ type: 'AuthorisePayment', data: { ...request, token } })
      .then(invalid('token'));
  });
});

describe('capturing a payment', () => {
  const capture = { type: 'CapturePayment', data: ofPayment } as const;

  test('is requested once it is authorised, and recorded as it was answered', () => {
    given(ordered, requested, authorised).when(capture).then({ type: 'CaptureRequested', data: ofPayment });
    given(ordered, requested, authorised, capturing).when(capture).then({ type: 'CaptureRequested', data: ofPayment });
    given(ordered, requested, authorised, capturing)
      .when({ type: 'RecordCapture', data: { orderId, outcome: 'captured' } })
      .then({ type: 'PaymentCaptured', data: ofPayment });
    given(ordered, requested, authorised, capturing)
      .when({ type: 'RecordCapture', data: { orderId, outcome: 'declined', code: 'Voided' } })
      .then({ type: 'CaptureDeclined', data: { orderId, code: 'Voided' } });
    given(ordered, requested, authorised, capturing, captured).when(capture).then(nothing);
  });

  test('is refused before it is authorised and after it was given up', () => {
    given(ordered).when(capture).then(rejected('PaymentNotOpen'));
    given(ordered, requested, authorised, voiding).when(capture).then(rejected('PaymentNotOpen'));
  });
});

describe('giving a payment up', () => {
  const giveUp = { type: 'VoidPayment', data: ofOrder } as const;

  test('is requested whether or not it is known to be authorised, also before it was asked for', () => {
    for (const past of [[ordered], [ordered, requested], [ordered, requested, authorised], [ordered, voiding]]) {
      given(...past)
        .when(giveUp)
        .then({ type: 'VoidRequested', data: ofOrder });
    }
    given(ordered, voiding).when({ type: 'RecordVoid', data: ofOrder }).then({ type: 'PaymentVoided', data: ofOrder });
  });

  test('does nothing when nothing is held', () => {
    given(ordered, requested, declined).when(giveUp).then(nothing);
    given(ordered, voiding, voided).when(giveUp).then(nothing);
    given(ordered, requested, authorised, capturing, captured, refunding, refunded).when(giveUp).then(nothing);
  });

  test('has to wait while the amount is being taken', () => {
    given(ordered, requested, authorised, capturing).when(giveUp).then(rejected('PaymentInProgress'));
  });

  test('is refused for a confirmed order', () => {
    given(ordered, requested, authorised, capturing, captured, confirmed(orderId, oneMug))
      .when(giveUp)
      .then(rejected('OrderAlreadyConfirmed'));
  });
});

describe('giving an amount back', () => {
  const refund = { type: 'RefundPayment', data: ofPayment } as const;

  test('is requested when it was taken, and recorded', () => {
    given(ordered, requested, authorised, capturing, captured).when(refund).then({ type: 'RefundRequested', data: ofPayment });
    given(ordered, requested, authorised, capturing, captured, refunding)
      .when({ type: 'RecordRefund', data: ofOrder })
      .then({ type: 'PaymentRefunded', data: ofPayment });
  });

  test('does nothing when nothing was taken, and has to wait while that is not known', () => {
    given(ordered, requested, authorised).when(refund).then(nothing);
    given(ordered, requested, authorised, capturing).when(refund).then(rejected('PaymentInProgress'));
  });
});
